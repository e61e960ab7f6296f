"""A person's own models: a TorchScript (.pt, .ts) or ONNX file with a TOML file of the same stem beside it.

The TOML file says what the model file cannot::

    name = "Birds, ResNet-18"          # optional; the file's stem otherwise
    labels = "birds.txt"               # one a line, in the order of the logits; or a list
    size = [224, 224]                  # height, width; or one number
    mean = [0.485, 0.456, 0.406]       # RGB, pixels in 0–1
    std = [0.229, 0.224, 0.225]
    features = true                    # optional: the second output is the last feature maps

The model takes (B, 3, height, width) float32 and returns logits (B, K), and features (B, C, h, w) if said so.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from dashboard.vision.errors import UnavailableError

TORCHSCRIPT_SUFFIXES = (".pt", ".ts")
SUFFIXES = (*TORCHSCRIPT_SUFFIXES, ".onnx")

Positive = Annotated[float, Field(gt=0)]


class Description(BaseModel):
    """The TOML file beside a model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str | None = None
    labels: str | list[str]
    size: PositiveInt | tuple[PositiveInt, PositiveInt]
    mean: tuple[float, float, float]
    std: tuple[Positive, Positive, Positive]
    features: bool = False

    @property
    def height_width(self) -> tuple[int, int]:
        """The input size, height first."""
        return (self.size, self.size) if isinstance(self.size, int) else self.size


@dataclass(frozen=True)
class OwnModel:
    """A model file that was found, and under which key."""

    key: str
    file: Path
    clash: str | None = None

    @property
    def is_onnx(self) -> bool:
        """Whether it is ONNX; TorchScript otherwise."""
        return self.file.suffix.lower() == ".onnx"

    def description(self) -> Description:
        """What the TOML file says; UnavailableError with what is wrong with it otherwise."""
        if self.clash:
            raise UnavailableError(self.clash)
        path = self.file.with_suffix(".toml")
        try:
            return Description.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise UnavailableError(f"{self.file.name} needs a file {path.name} beside it.") from None
        except ValidationError as error:
            raise UnavailableError(f"{path.name}: {_first_problem(error)}.") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            raise UnavailableError(f"{path.name} cannot be read: {error}.") from error

    def labels(self, description: Description) -> tuple[str, ...]:
        """The class names, from the TOML file or the text file that it names."""
        if isinstance(description.labels, list):
            return self._at_least_one(description.labels)
        path = self.file.parent / description.labels
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UnavailableError(
                f"{self.file.name}: its labels file {description.labels} cannot be read ({type(error).__name__})."
            ) from error
        return self._at_least_one([line.strip() for line in lines if line.strip()])

    def _at_least_one(self, labels: list[str]) -> tuple[str, ...]:
        if not labels:
            raise UnavailableError(f"{self.file.name}: there are no labels.")
        return tuple(labels)


def find_own_models(folder: Path | None, taken: Collection[str]) -> list[OwnModel]:
    """The model files in ``folder``, by name; a stem that is ``taken`` or occurs twice is marked as a clash.

    Such a model is listed under its whole file name, so that every key is there once.
    """
    if folder is None or not folder.is_dir():
        return []
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES and file.is_file())
    stems = Counter(file.stem for file in files)
    return [_own_model(file, file.stem in taken or stems[file.stem] > 1) for file in files]


def _own_model(file: Path, clashes: bool) -> OwnModel:
    if not clashes:
        return OwnModel(file.stem, file)
    return OwnModel(file.name, file, f"Another model is called {file.stem} already; rename {file.name}.")


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    place = problem["loc"][0] if problem["loc"] else "the file"
    return f"{place}: {problem['msg'][0].lower()}{problem['msg'][1:]}"
