from __future__ import annotations

from dashboard.recording.ids import new_id


def body(**changes):
    items = [f"edit:{new_id()}", f"image:{new_id()}"]
    return {"id": new_id(), "name": "Cats", "items": items, "look": {"map": "cam"}} | changes


def test_a_comparison_is_saved_renamed_and_deleted(client):
    sent = body()
    saved = client.post("/api/v1/comparisons", json=sent).get_json()
    assert saved == {**sent, "address": f"/compare?comparison={sent['id']}"}
    assert client.post("/api/v1/comparisons", json=sent).get_json() == saved
    changed = client.put(f"/api/v1/comparisons/{sent['id']}", json={"id": new_id(), "name": "Tabbies"}).get_json()
    assert changed == {**saved, "name": "Tabbies"}
    assert client.delete(f"/api/v1/comparisons/{sent['id']}").get_json()["deleted"] is True
    assert client.delete(f"/api/v1/comparisons/{sent['id']}").get_json()["deleted"] is False
    gone = client.put(f"/api/v1/comparisons/{sent['id']}", json={"id": new_id(), "name": "Again"})
    assert gone.status_code == 404


def test_a_change_under_an_id_that_is_taken_is_refused(client):
    sent, event = body(), new_id()
    client.post("/api/v1/comparisons", json=sent)
    address = f"/api/v1/comparisons/{sent['id']}"
    assert client.put(address, json={"id": event, "name": "Tabbies"}).status_code == 200
    assert client.put(address, json={"id": event, "name": "Tigers"}).status_code == 409
    assert client.put(address, json={"id": sent["id"], "name": "Tigers"}).status_code == 409
    assert client.put(address, json={"id": new_id(), "name": None}).status_code == 422
    changed = client.put(address, json={"id": new_id(), "look": {}}).get_json()
    assert (changed["name"], changed["look"], changed["items"]) == ("Tabbies", {}, sent["items"])


def test_bad_comparisons_are_refused(client):
    for bad in (body(name=""), body(items=[]), body(id="x"), body(look="cam"), body(look={"masks": "no"})):
        answer = client.post("/api/v1/comparisons", json=bad)
        assert answer.status_code == 422
        assert set(answer.get_json()) == {"error"}
    taken = body()
    assert client.post("/api/v1/comparisons", json=taken).status_code == 200
    assert client.post("/api/v1/comparisons", json=taken | {"name": "Other"}).status_code == 409


def test_another_site_cannot_delete(client):
    answer = client.delete(f"/api/v1/comparisons/{new_id()}", headers={"Origin": "http://elsewhere"})
    assert answer.status_code == 403
