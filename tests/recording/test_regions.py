from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import func, select

from dashboard.recording import regions
from dashboard.recording.browse_url import parse_state
from dashboard.recording.browsing import rows
from dashboard.recording.deleting import Extent, delete_sessions, extent
from dashboard.recording.edits import apply_edit
from dashboard.recording.ids import RequestError, new_id
from dashboard.recording.masks import mask_of
from dashboard.vision.errors import EmptyMaskError, RegionscopeError
from dashboard.vision.shapes import parse_shapes
from db import models
from db.errors import ConflictError, NotFoundError
from db.regions import regions_of_picture
from tests.support.edits import MODEL, OUTSIDE, edit_request, rectangle, sitting
from tests.support.pictures import add_small
from tests.support.rows import counted_statements


def request(where, shapes=None, *, id=None, edit=None, index=281, name="", **about):
    return regions.RegionRequest(
        id=id or new_id(),
        sitting=where,
        edit=edit,
        model_key=MODEL,
        class_index=index,
        class_name=name,
        shapes=parse_shapes([rectangle()] if shapes is None else shapes),
        about=regions.About(**about),
    )


def listed(workspace, picture, **options):
    with workspace.database.read() as transaction:
        return regions_of_picture(transaction, picture.id, **options)


def test_a_region_holds_the_pixels_that_were_drawn(stored):
    picture = add_small(stored)
    kept = regions.mark(stored, request(sitting(picture), name="ignored", reason="the ears", confidence=4))
    assert (kept.kind, kept.class_index, kept.class_name, kept.edit) == ("human", 281, "tabby", None)
    assert kept.agreement is not None
    assert 0 <= kept.agreement <= 1
    assert (kept.reason, kept.confidence, kept.model) == ("the ears", 4, MODEL)
    expected = np.zeros((48, 64), bool)
    expected[10:30, 8:24] = True
    assert (mask_of(kept) == expected).all()
    assert kept.mask_area == expected.mean()
    assert listed(stored, picture) == [kept]


def test_the_same_id_again_is_the_same_region(stored):
    asked = request(sitting(add_small(stored)))
    first = regions.mark(stored, asked)
    assert regions.mark(stored, asked) == first
    other = request(asked.sitting, [rectangle(0, 0, 5, 5)], id=asked.id)
    with pytest.raises(ConflictError):
        regions.mark(stored, other)


def test_a_class_may_be_a_word_that_no_model_knows(stored):
    kept = regions.mark(stored, request(sitting(add_small(stored)), index=None, name="  my cat "))
    assert (kept.class_index, kept.class_name) == (None, "my cat")


def test_bad_regions_are_refused_and_nothing_is_kept(stored):
    picture = add_small(stored)
    where = sitting(picture)
    bad = [
        (request(where, [OUTSIDE]), EmptyMaskError),
        (request(where, index=1000), RequestError),
        (request(where, index=None, name=" "), RequestError),
        (request(where, edit=new_id()), NotFoundError),
    ]
    for asked, error in bad:
        with pytest.raises(error):
            regions.mark(stored, asked)
    assert listed(stored, picture) == []
    with stored.database.read() as transaction:
        assert transaction.scalar(select(func.count(models.Session.id))) == 0
    for given in ({"confidence": 6}, {"confidence": True}, {"name": "x" * 201}, {"reason": 5}):
        with pytest.raises(RegionscopeError):
            regions.parse_about(given)


def test_several_people_and_classes_are_kept_apart(stored):
    picture = add_small(stored)
    anna, ben = sitting(picture), sitting(picture)
    made = [regions.mark(stored, request(where, index=index)) for where in (anna, ben) for index in (281, 282)]
    assert listed(stored, picture) == made
    assert listed(stored, picture, session=anna.session) == made[:2]
    assert {region.author for region in made} == {anna.session, ben.session}
    with counted_statements(stored.database) as statements:
        listed(stored, picture)
    assert len(statements) == 1


def test_what_is_said_of_a_region_can_change_and_its_pixels_cannot(stored):
    made = regions.mark(stored, request(sitting(add_small(stored))))
    event, about = new_id(), regions.About("head", "it is what I look at", 5)
    changed = regions.describe(stored, event, made.id, about)
    assert (changed.name, changed.reason, changed.confidence) == ("head", "it is what I look at", 5)
    assert changed.mask == made.mask
    regions.describe(stored, new_id(), made.id, regions.About("ear"))
    assert regions.describe(stored, event, made.id, about).name == "ear"
    with pytest.raises(NotFoundError):
        regions.describe(stored, new_id(), new_id(), about)


def test_what_is_deleted_stays_deleted(stored):
    picture = add_small(stored)
    asked = request(sitting(picture))
    regions.mark(stored, asked)
    assert regions.delete(stored, new_id(), asked.id)
    assert not regions.delete(stored, new_id(), asked.id)
    assert listed(stored, picture) == []
    with pytest.raises(ConflictError, match="deleted"):
        regions.mark(stored, asked)


def test_a_deleted_session_takes_its_regions(stored):
    picture = add_small(stored)
    where = sitting(picture)
    regions.mark(stored, request(where))
    edit = apply_edit(stored, edit_request(where))
    regions.mark(stored, request(where, edit=edit.id))
    kept = regions.mark(stored, request(sitting(picture)))
    given = {"items": [f"session:{where.session}"]}
    assert extent(stored, given) == Extent(1, 1, 1, 2)
    with pytest.raises(ConflictError):
        delete_sessions(stored, new_id(), given, {"sessions": 1, "edits": 1, "regions": 1})
    delete_sessions(stored, new_id(), given, {"sessions": 1, "edits": 1, "regions": 2})
    assert listed(stored, picture) == [kept]


def test_browsing_shows_the_mean_agreement(stored):
    where = sitting(add_small(stored))
    edit = apply_edit(stored, edit_request(where))
    made = [
        regions.mark(stored, request(where, [rectangle(0, 0, side, side)], edit=edit.id, index=index)).agreement
        for side, index in ((20, 281), (30, 282))
    ]
    for query in ("", "view=edits"):
        assert rows(stored, parse_state(query), 0, 10).rows[0].agreement == pytest.approx(sum(made) / 2)


def test_browsing_counts_them(stored):
    where = sitting(add_small(stored))
    edit = apply_edit(stored, edit_request(where))
    on_edit = regions.mark(stored, request(where, edit=edit.id))
    regions.mark(stored, request(where))

    def counts():
        return [rows(stored, parse_state(query), 0, 10).rows[0].regions for query in ("", "view=edits")]

    assert counts() == [2, 1]
    regions.delete(stored, new_id(), on_edit.id)
    assert counts() == [1, 0]
