"""Tests of everything; what they share is in ``conftest`` and ``support``."""

import os

# Before numpy and torch are imported. Their threads wait for each other in a busy loop, which takes from the other
# test processes what they need: with two for two processors Grad-CAM was seen to take twenty times as long.
os.environ.setdefault("OMP_NUM_THREADS", "1")
