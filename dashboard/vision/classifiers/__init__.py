"""Image classifiers: which there are, and what they answer.

Importing this imports no engine; that happens when a classifier is loaded.
"""

from dashboard.vision.classifiers.answer import Answer, ModelCard
from dashboard.vision.classifiers.catalogue import Catalogue, ModelEntry
from dashboard.vision.classifiers.classifier import Classifier

__all__ = ["Answer", "Catalogue", "Classifier", "ModelCard", "ModelEntry"]
