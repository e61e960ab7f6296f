from __future__ import annotations

from dashboard.recording.ids import new_id
from dashboard.vision.images import decode_png
from tests.support.edits import MODEL, rectangle


def body(picture, **changes):
    sent = {"id": new_id(), "session": new_id(), "image": picture.id, "edit": None, "model": MODEL, "class_index": 281}
    return sent | {"shapes": [rectangle()], "confidence": 3, "reason": "", "name": ""} | changes


def test_a_region_is_marked_described_listed_and_deleted(client, picture):
    sent = body(picture)
    made = client.post("/api/v1/regions", json=sent).get_json()
    assert (made["id"], made["class_name"], made["confidence"]) == (sent["id"], "tabby", 3)
    address = f"/api/v1/regions/{made['id']}"
    changed = client.put(address, json={"id": new_id(), "name": "head", "confidence": 5}).get_json()
    assert (changed["name"], changed["confidence"]) == ("head", 5)
    listed = client.get(f"/api/v1/regions?image={picture.id}&session={sent['session']}").get_json()["regions"]
    assert listed == [changed]
    assert client.get(f"/api/v1/regions?image={picture.id}&session={new_id()}").get_json()["regions"] == []
    assert client.delete(address, json={"id": new_id()}).get_json()["deleted"] is True
    assert client.get(f"/api/v1/regions?image={picture.id}").get_json()["regions"] == []


def test_the_overlay_is_the_region(client, picture):
    made = client.post("/api/v1/regions", json=body(picture)).get_json()
    answer = client.get(made["overlay"])
    assert answer.status_code == 200
    assert answer.mimetype == "image/png"
    assert decode_png(answer.data).shape[:2] == (48, 64)
    assert client.get(f"/media/regions/{new_id()}.png").status_code == 404


def test_bad_regions_are_answered_with_a_sentence(client, picture):
    bad = [{"model": 5}, {"class_index": "cat"}, {"confidence": 9}, {"shapes": []}, {"image": "x"}, {"name": 4}]
    for change in [*bad, {"class_index": None}, {"class_index": None, "class_name": 7}, {"edit": new_id()}]:
        answer = client.post("/api/v1/regions", json=body(picture, **change))
        assert answer.status_code in (404, 422), change
        assert set(answer.get_json()) == {"error"}
    assert client.get(f"/api/v1/regions?image={picture.id}").get_json() == {"regions": [], "next": None}


def test_a_long_list_comes_in_pages(client, picture, monkeypatch):
    monkeypatch.setattr("db.regions.MOST", 2)
    made = [client.post("/api/v1/regions", json=body(picture)).get_json()["id"] for _ in range(3)]
    address = f"/api/v1/regions?image={picture.id}"
    first = client.get(address).get_json()
    assert ([one["id"] for one in first["regions"]], first["next"]) == (made[:2], 2)
    rest = client.get(f"{address}&from=2").get_json()
    assert ([one["id"] for one in rest["regions"]], rest["next"]) == (made[2:], None)
    assert client.get(f"{address}&from=-1").status_code == 422
