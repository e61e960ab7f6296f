"""From what somebody wants to see to conditions on outcomes and on sessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select, true, union
from sqlalchemy.orm import Session as Transaction

from db.browse_columns import UNLIKE, Column, column, holds, joined
from db.browse_filter import BrowseFilter, BrowseState, Condition
from db.folding import fold, folded
from db.models import ClassName, Edit, EditNote, EditTag, Image, Model, Outcome, Session, SessionTag, Tag

Conditions = list[ColumnElement[bool]]
# More matches than this are left to a subquery: a database takes only so many values in one statement.
_MOST_VALUES = 500


def edit_conditions(transaction: Transaction, state: BrowseState) -> Conditions:
    """What outcomes must fulfil to be among the edits that ``state`` holds, whichever list it shows."""
    wanted = state.filter
    found = [Outcome.archived == _truth(wanted.archived), *_choices(transaction, wanted)]
    if state.view == "edits":
        found += [_edit_column(condition) for condition in wanted.conditions]
    elif wanted.conditions:
        found.append(Outcome.session_id.in_(_sessions_by_column(wanted.conditions)))
    if wanted.search:
        found.append(_says_so(transaction, wanted))
    return found


def session_conditions(transaction: Transaction, state: BrowseState) -> Conditions:
    """What sessions must fulfil to be in the list; one with no edit at all is in it while no edit is asked for."""
    wanted = state.filter
    archived = Session.archived_at.is_not(None) if wanted.archived else Session.archived_at.is_(None)
    found = [archived, *[holds(column("sessions", c.column), c) for c in wanted.conditions]]
    if wanted.studies:
        found.append(Session.study.in_(wanted.studies))
    if wanted.models or wanted.classes or wanted.methods or wanted.flipped is not None:
        edits = [Outcome.archived == _truth(wanted.archived), *_edit_choices(transaction, wanted), *_tagged(wanted)]
        found.append(Session.id.in_(select(Outcome.session_id).where(*edits)))
    elif wanted.tags:
        through_edits = select(Edit.session_id).where(Edit.id.in_(_tagged_edits(wanted.tags)))
        found.append(or_(Session.id.in_(_tagged_sessions(wanted.tags)), Session.id.in_(through_edits)))
    if wanted.search:
        found.append(Session.id.in_(_found_sessions(transaction, wanted)))
    return found


def _choices(transaction: Transaction, wanted: BrowseFilter) -> Conditions:
    found = _edit_choices(transaction, wanted)
    if wanted.studies:
        found.append(Outcome.session_id.in_(select(Session.id).where(Session.study.in_(wanted.studies))))
    return found + _tagged(wanted)


def _tagged(wanted: BrowseFilter) -> Conditions:
    """An edit carries its session's tags too."""
    if not wanted.tags:
        return []
    edits, sessions = _tagged_edits(wanted.tags), _tagged_sessions(wanted.tags)
    return [or_(Outcome.edit_id.in_(edits), Outcome.session_id.in_(sessions))]


def _edit_choices(transaction: Transaction, wanted: BrowseFilter) -> Conditions:
    """Model – or the answer that the person saw first –, class, method, flipped."""
    found: Conditions = []
    if wanted.models:
        found.append(Outcome.model_id.in_(_ids(transaction, select(Model.id).where(Model.key.in_(wanted.models)))))
    else:
        found.append(Outcome.leading == true())
    if wanted.classes:
        named = _ids(transaction, select(ClassName.id).where(ClassName.name.in_(wanted.classes)))
        found.append(Outcome.before_class_id.in_(named))
    if wanted.methods:
        found.append(Outcome.method.in_(wanted.methods))
    if wanted.flipped is not None:
        found.append(Outcome.flipped == _truth(wanted.flipped))
    return found


def _edit_column(condition: Condition) -> ColumnElement[bool]:
    """A filter of a joined table becomes one of the ids that lead there, so that filtering needs no join."""
    found = column("edits", condition.column)
    if not found.joined:
        return holds(found, condition)
    if found.joined in ("before", "after"):
        owner = Outcome.before_class_id if found.joined == "before" else Outcome.after_class_id
        plain = Column(found.kind, ClassName.name)
        return _or_blank(owner, owner.in_(select(ClassName.id).where(holds(plain, condition))), condition)
    owner, number = {
        "session": (Outcome.session_id, Session.id),
        "image": (Outcome.image_id, Image.id),
        "model": (Outcome.model_id, Model.id),
    }[found.joined]
    return owner.in_(select(number).where(holds(found, condition)))


def _or_blank(owner: Any, condition: ColumnElement[bool], wanted: Condition) -> ColumnElement[bool]:
    return or_(owner.is_(None), condition) if wanted.operator in ("blank", *UNLIKE) else condition


def _sessions_by_column(conditions: Sequence[Condition]) -> Select[Any]:
    columns = [column("sessions", condition.column) for condition in conditions]
    query: Select[Any] = joined(select(Session.id), "sessions", {found.joined for found in columns})
    return query.where(*[holds(found, wanted) for found, wanted in zip(columns, conditions, strict=True)])


def _tagged_sessions(tags: Sequence[str]) -> Select[Any]:
    return select(SessionTag.session_id).join(Tag, SessionTag.tag_id == Tag.id).where(Tag.name.in_(tags))


def _tagged_edits(tags: Sequence[str]) -> Select[Any]:
    return select(EditTag.edit_id).join(Tag, EditTag.tag_id == Tag.id).where(Tag.name.in_(tags))


def _says_so(transaction: Transaction, wanted: BrowseFilter) -> ColumnElement[bool]:
    """Whether an outcome, or what it belongs to, says the words.

    Few matches are looked up by their indexes and gathered; where there are many, most rows match anyway, and
    walking through all and asking each is several times as fast.
    """
    found = [(owner, _ids(transaction, query)) for owner, query in _sources(wanted.search)]
    present = [(owner, ids) for owner, ids in found if not isinstance(ids, list) or ids]
    if any(not isinstance(ids, list) for _, ids in present):
        return or_(*[owner.in_(ids) for owner, ids in present])
    shown = [Outcome.archived == _truth(wanted.archived), *([] if wanted.models else [Outcome.leading == true()])]
    parts = [select(Outcome.prediction_id).where(*shown, owner.in_(ids)) for owner, ids in present]
    return Outcome.prediction_id.in_(union(*parts)) if parts else false()


def _sources(words: str) -> list[tuple[Any, Any]]:
    """Where the words may stand: a column of outcomes, and the numbers in it that say them."""
    return [
        (Outcome.session_id, _sessions_saying(words)),
        (Outcome.image_id, _pictures_saying(words)),
        (Outcome.before_class_id, _classes_saying(words)),
        (Outcome.after_class_id, _classes_saying(words)),
        (Outcome.edit_id, _edits_saying(words)),
    ]


def _found_sessions(transaction: Transaction, wanted: BrowseFilter) -> Any:
    edits = select(Outcome.session_id).where(_says_so(transaction, wanted))
    pictures = select(Session.id).where(Session.image_id.in_(_pictures_saying(wanted.search)))
    # A copied step has no outcome, but notes and tags of its own.
    steps = select(Edit.session_id).where(Edit.id.in_(_edits_saying(wanted.search)))
    return union(_sessions_saying(wanted.search), pictures, edits, steps)


def _sessions_saying(words: str) -> Select[Any]:
    tagged = select(SessionTag.session_id).join(Tag, SessionTag.tag_id == Tag.id).where(_says(words, Tag.name))
    texts = _says(words, Session.name, Session.notes, Session.person, Session.study)
    return select(Session.id).where(or_(texts, Session.id.in_(tagged)))


def _pictures_saying(words: str) -> Select[Any]:
    return select(Image.id).where(_says(words, Image.name, Image.true_label))


def _classes_saying(words: str) -> Select[Any]:
    return select(ClassName.id).where(_says(words, ClassName.name))


def _edits_saying(words: str) -> Any:
    noted = select(EditNote.edit_id).where(_says(words, EditNote.content))
    tagged = select(EditTag.edit_id).join(Tag, EditTag.tag_id == Tag.id).where(_says(words, Tag.name))
    return union(noted, tagged)


def _says(words: str, *texts: Any) -> ColumnElement[bool]:
    return or_(*[folded(text).contains(fold(words), autoescape=True) for text in texts])


def _ids(transaction: Transaction, query: Any) -> Any:
    """The numbers themselves where they are few – the database then knows how few –, else the query for them."""
    numbers = list(transaction.scalars(query.limit(_MOST_VALUES + 1)))
    return numbers if len(numbers) <= _MOST_VALUES else query


def _truth(value: bool) -> Any:
    return true() if value else false()
