"""The use cases: add a picture, start a session, apply an edit, go back, name things. Nothing here knows a page."""
