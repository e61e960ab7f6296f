"""Explanation methods beside the forward passes that they cannot do without, and beside Captum and plain torch.

Peers are measured on a share of their windows or masks and scaled up; the row says so.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import skimage.data

from benchmarks.timing import Row, side_by_side
from dashboard.recording.pictures import FREE_PHOTOGRAPHS
from dashboard.vision.classifiers import Catalogue, Classifier
from dashboard.vision.explain import EXPLANATIONS, ask, class_maps, done, smallest_flip
from dashboard.vision.images import decode_picture, working_copy

CAM_MS, OVER_BARE, OVER_CAPTUM, FLIP_S = 10, 1.2, 0.3, 10
WINDOWS, MASKS = 625, 2000
CAPTUM_STRIDE, CAPTUM_WINDOWS = 32, 49
TORCH_MASKS = 128
# How many pictures a peer is given at once: its best counts, and that is between these.
AT_ONCE = (1, 4, 8, 16, 32, 64)
Act = Callable[[], object]
# Steps of our own between as many bare passes, so that a machine's mood falls on both alike.
TURN = 8


def measure(cache_dir: Path) -> list[Row]:
    import torch

    torch.set_num_threads(2)
    classifier = Catalogue(None, cache_dir, "cpu", 2).load("efficientnet_lite0")
    picture = working_copy(skimage.data.chelsea())
    top = int(classifier.answer(picture[None]).logits[0].argmax())
    rows = _class_maps(classifier, picture)
    rows += _occlusion(classifier, picture, top)
    rows += _rise(classifier, picture, top)
    rows += _integrated_gradients(classifier, picture, top)
    return rows + _flip(classifier)


def _class_maps(classifier: Classifier, picture: np.ndarray) -> list[Row]:
    answer = classifier.answer(picture[None])
    batch = classifier.preprocess(picture[None])
    medians = side_by_side(
        {
            "all": lambda: class_maps(classifier, classifier.answer(picture[None])),
            "answered": lambda: class_maps(classifier, answer),
            "bare": lambda: classifier.answer_prepared(batch),
        }
    )
    met = medians["answered"] <= CAM_MS
    peer = f"with the answer itself {medians['all']:.1f} ms, a bare forward pass {medians['bare']:.1f} ms"
    return [Row("CAM of all 1,000 classes of an image state", medians["answered"], "ms", peer, f"≤ {CAM_MS}", met)]


def _occlusion(classifier: Classifier, picture: np.ndarray, top: int) -> list[Row]:
    runs = [_beside_bare(classifier, picture, top, "occlusion", {}, WINDOWS)]
    captum = _in_turns({size: _captum_occlusion(classifier, picture, top, size) for size in AT_ONCE})
    # The picture itself is one pass more.
    captum = {size: seconds * (WINDOWS + 1) / (CAPTUM_WINDOWS + 1) for size, seconds in captum.items()}
    # Once before and once after the peer: of each the quicker counts, which a busy moment of the machine spares.
    runs.append(_beside_bare(classifier, picture, top, "occlusion", {}, WINDOWS))
    ours, bare = min(runs)
    best = min(captum, key=captum.__getitem__)
    peer = f"Captum, {best} at a time, {captum[best]:.1f} s (from {CAPTUM_WINDOWS} windows)"
    share = ours / captum[best]
    return [
        Row(f"occlusion, {WINDOWS} windows, mean filling", ours, "s", f"{WINDOWS} bare forward passes {bare:.2f} s"),
        _over_bare(ours / bare),
        Row("  as a share of Captum's", share, "×", peer, f"≤ {OVER_CAPTUM}", share <= OVER_CAPTUM),
    ]


def _rise(classifier: Classifier, picture: np.ndarray, top: int) -> list[Row]:
    ours, bare = _beside_bare(classifier, picture, top, "rise", {"masks": MASKS}, MASKS)
    loops = _in_turns({size: _torch_rise(classifier, picture, top, size) for size in AT_ONCE})
    loops = {size: seconds * MASKS / TORCH_MASKS for size, seconds in loops.items()}
    best = min(loops, key=loops.__getitem__)
    peer = f"torch loop, {best} at a time, {loops[best]:.1f} s (from {TORCH_MASKS} masks)"
    return [
        Row(f"RISE, {MASKS} masks", ours, "s", f"{MASKS} bare forward passes {bare:.2f} s"),
        _over_bare(ours / bare),
        Row("  as a share of a plain torch loop", ours / loops[best], "×", peer),
    ]


def _over_bare(share: float) -> Row:
    return Row("  as a share of the bare forward passes", share, "×", "", f"≤ {OVER_BARE}", share <= OVER_BARE)


def _beside_bare(
    classifier: Classifier, picture: np.ndarray, top: int, method: str, parameters: dict[str, int], passes: int
) -> tuple[float, float]:
    """Seconds of all of a method's steps, and of as many forward passes in batches that suit the engine."""
    steps = EXPLANATIONS[method].steps
    batch = np.repeat(classifier.preprocess(picture[None]), classifier.batch_size, axis=0)
    ours, bare, passed = 0.0, 0.0, 0
    start = time.perf_counter()
    question = ask(classifier, picture, top, method, parameters=parameters)
    state = steps.begin(question)
    ours += time.perf_counter() - start
    while done(state) < steps.total(question):
        start, last = time.perf_counter(), done(state) + TURN
        state = steps.advance(question, state, last)
        middle = time.perf_counter()
        ours, end = ours + middle - start, min(passed + TURN * len(batch), passes)
        while passed < end:
            passed += len(classifier.answer_prepared(batch[: end - passed]).logits)
        bare += time.perf_counter() - middle
    start = time.perf_counter()
    steps.finish(question, state)
    return ours + time.perf_counter() - start, bare


def _captum_occlusion(classifier: Classifier, picture: np.ndarray, top: int, at_a_time: int) -> Act:
    """The same windows at a wider stride."""
    import captum.attr
    import torch

    network = classifier.network()
    peer = captum.attr.Occlusion(lambda pixels: network(pixels).softmax(dim=1))
    pixels = torch.from_numpy(classifier.preprocess(picture[None]))

    def act() -> None:
        peer.attribute(
            pixels,
            sliding_window_shapes=(3, 32, 32),
            strides=(3, CAPTUM_STRIDE, CAPTUM_STRIDE),
            target=top,
            perturbations_per_eval=at_a_time,
        )

    return act


def _torch_rise(classifier: Classifier, picture: np.ndarray, top: int, size: int) -> Act:
    """A few masks in a plain loop."""
    import torch

    network = classifier.network()
    pixels = torch.from_numpy(classifier.preprocess(picture[None]))

    def act() -> None:
        total = torch.zeros(pixels.shape[2:])
        with torch.inference_mode():
            for _ in range(TORCH_MASKS // size):
                cells = (torch.rand(size, 1, 8, 8) < 0.5).float()
                masks = torch.nn.functional.interpolate(cells, pixels.shape[2:], mode="bilinear")
                scores = network(pixels * masks).softmax(dim=1)[:, top]
                total += (scores[:, None, None] * masks[:, 0]).sum(dim=0)

    return act


def _integrated_gradients(classifier: Classifier, picture: np.ndarray, top: int) -> list[Row]:
    import captum.attr
    import torch

    network = classifier.network()
    peer = captum.attr.IntegratedGradients(lambda pixels: network(pixels).softmax(dim=1))
    pixels = torch.from_numpy(classifier.preprocess(picture[None]))
    steps = EXPLANATIONS["integrated_gradients"].steps
    question = ask(classifier, picture, top, "integrated_gradients")
    acts: dict[int, Act] = {0: lambda: steps.advance(question, steps.begin(question), steps.total(question))}
    for size in (1, 4, 50):
        acts[size] = lambda size=size: peer.attribute(pixels, target=top, internal_batch_size=size)
    theirs = _in_turns(acts)
    ours = theirs.pop(0)
    best = min(theirs, key=theirs.__getitem__)
    note = f"Captum, {best} at a time, {theirs[best]:.1f} s"
    return [Row("integrated gradients, 50 points", ours, "s", note)]


def _in_turns(acts: dict[int, Act]) -> dict[int, float]:
    """The seconds of the quickest of three calls each, taking turns, after one that does not count."""
    times: dict[int, list[float]] = {size: [] for size in acts}
    for _ in range(4):
        for size, act in acts.items():
            start = time.perf_counter()
            act()
            times[size].append(time.perf_counter() - start)
    return {size: min(found[1:]) for size, found in times.items()}


def _flip(classifier: Classifier) -> list[Row]:
    seconds, evaluations, areas = [], [], []
    for photograph in FREE_PHOTOGRAPHS:
        picture = working_copy(decode_picture(photograph.read()))
        start = time.perf_counter()
        found = smallest_flip(classifier, picture)
        seconds.append(time.perf_counter() - start)
        evaluations.append(found.evaluations)
        areas.append(found.area)
    batch = classifier.preprocess(picture[None])
    bare = side_by_side({"bare": lambda: classifier.answer_prepared(batch)})["bare"]
    median = statistics.median(seconds)
    passes = statistics.median(evaluations) * bare / 1000
    peer = f"slowest {max(seconds):.1f} s; {statistics.median(evaluations):.0f} bare forward passes {passes:.1f} s"
    return [
        Row("smallest flip, Telea, median of the gallery", median, "s", peer, f"≤ {FLIP_S}", median <= FLIP_S),
        Row("  median area of the region", 100 * statistics.median(areas), "%"),
    ]
