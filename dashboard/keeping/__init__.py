"""Keeping an installation: backups, restoring them, looking after what lies on the disk."""
