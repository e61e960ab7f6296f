"""What the lists can be narrowed down to: only what occurs."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from db.models import ClassName, Model, Outcome, Session, Tag


@dataclass(frozen=True)
class Choices:
    """Models as (key, label); names of the original's top answers; keys of methods; studies; tags."""

    models: tuple[tuple[str, str], ...]
    classes: tuple[str, ...]
    methods: tuple[str, ...]
    studies: tuple[str, ...]
    tags: tuple[str, ...]


def occurring(transaction: Transaction) -> Choices:
    """Everything that some edit or session has, each in its order."""
    models = select(Model.key, Model.label).where(Model.id.in_(select(Outcome.model_id))).order_by(Model.id)
    classes = select(ClassName.name).where(ClassName.id.in_(select(Outcome.before_class_id))).distinct()
    studies = select(Session.study).where(Session.study != "").distinct()
    return Choices(
        models=tuple(dict.fromkeys((key, label) for key, label in transaction.execute(models))),
        classes=tuple(sorted(transaction.scalars(classes), key=str.casefold)),
        methods=tuple(sorted(transaction.scalars(select(Outcome.method).distinct()))),
        studies=tuple(sorted(transaction.scalars(studies), key=str.casefold)),
        tags=tuple(sorted(transaction.scalars(select(Tag.name)), key=str.casefold)),
    )
