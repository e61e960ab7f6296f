"""Data packages: a folder that others can use without asking, by Psych-DS and Frictionless rules."""

from dashboard.exports.package.choosing import Choices, Scope
from dashboard.exports.package.writing import write_package

__all__ = ["Choices", "Scope", "write_package"]
