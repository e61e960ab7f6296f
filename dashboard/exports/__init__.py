"""Data packages and tables to take away."""
