"""What can go wrong with pictures, masks and models. Every message is a sentence for the person.

RegionscopeError
├── PictureError        a file that is not a usable picture
├── MaskError           shapes or masks that cannot be used
│   └── EmptyMaskError  … because no pixel is in them
├── ParameterError      a number out of its range, or none
├── UnknownNameError    a model or method that does not exist
└── UnavailableError    one that exists but cannot be used here, and why
"""


class RegionscopeError(Exception):
    """Something a person can be told in a sentence; the cause, if any, is for the log."""


class PictureError(RegionscopeError):
    """The bytes are not a picture that can be worked on."""


class MaskError(RegionscopeError):
    """The shapes or the mask cannot be used."""


class EmptyMaskError(MaskError):
    """The region holds no pixel of the picture."""


class ParameterError(RegionscopeError):
    """A parameter is out of its range or not a number."""


class UnknownNameError(RegionscopeError):
    """No model or method has this name."""


class UnavailableError(RegionscopeError):
    """The model or method exists but cannot be used here."""
