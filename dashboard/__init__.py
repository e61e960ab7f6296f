"""Regionscope: which regions of an image do people and an image classifier rely on?"""

__version__ = "0.1.0"
