"""What can go wrong with what is kept. Every message is a sentence for the person; the cause is for the log.

StorageError            the database or the disk refused
├── NotFoundError       nothing is kept under this id
├── ConflictError       the id is taken by something else
└── BrowseError         a list was asked for in a way that has no answer
"""


class StorageError(Exception):
    """Nothing was saved."""


class NotFoundError(StorageError):
    """Nothing is kept under this id."""


class ConflictError(StorageError):
    """The same id was sent before, for something else."""


class BrowseError(StorageError):
    """A column, an operator or a value that the lists do not have."""
