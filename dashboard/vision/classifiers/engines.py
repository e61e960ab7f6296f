"""Forward passes through OpenVINO on the CPU and through torch on a GPU (or for TorchScript files)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.vision.classifiers.answer import Floats
from dashboard.vision.classifiers.torch_import import prepare_torch
from dashboard.vision.errors import UnavailableError

if TYPE_CHECKING:
    from torch import nn

# Larger batches are slower on a CPU: the activations of more images than this leave its cache.
CPU_BATCH = 8
GPU_BATCH = 64

Forward = Callable[[Floats], tuple[Floats, Floats | None]]


def in_parts(forward: Forward, batch: Floats, size: int) -> tuple[Floats, Floats | None]:
    """``forward`` over the batch in parts of at most ``size`` images, put together again."""
    if len(batch) <= size:
        return forward(batch)
    parts = [forward(batch[start : start + size]) for start in range(0, len(batch), size)]
    features = [part for _, part in parts if part is not None]
    return np.concatenate([logits for logits, _ in parts]), np.concatenate(features) if features else None


@cache
def openvino_core() -> Any:
    """OpenVINO's runtime, one a process."""
    import openvino

    return openvino.Core()


class OpenVinoEngine:
    """A network with the outputs logits and, optionally, features, compiled for the CPU in float32.

    ``model`` is an openvino.Model with a fixed or free batch size.
    """

    def __init__(self, model: Any, threads: int, part: int = CPU_BATCH) -> None:
        self._compiled = openvino_core().compile_model(model, "CPU", _cpu_settings(threads))
        self.part = part
        self._local = threading.local()

    def __call__(self, batch: Floats) -> tuple[Floats, Floats | None]:
        """One forward pass; each thread has an infer request of its own."""
        return in_parts(self._infer, batch, self.part)

    def _infer(self, batch: Floats) -> tuple[Floats, Floats | None]:
        request = self._request()
        request.infer([np.ascontiguousarray(batch)], share_inputs=True)
        outputs = [np.array(request.get_output_tensor(i).data) for i in range(len(self._compiled.outputs))]
        return outputs[0], outputs[1] if len(outputs) > 1 else None

    def _request(self) -> Any:
        if not hasattr(self._local, "request"):
            self._local.request = self._compiled.create_infer_request()
        return self._local.request


def _cpu_settings(threads: int) -> dict[str, Any]:
    return {
        # Without the hint OpenVINO computes in bfloat16 on some CPUs, and logits move by up to 0.5.
        "INFERENCE_PRECISION_HINT": "f32",
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads,
        # Pinned, the threads of several worker processes would share the first cores and leave the rest idle.
        "ENABLE_CPU_PINNING": False,
    }


class TorchEngine:
    """A torch network that returns logits, or (logits, features), on ``device`` ("cpu" or "cuda")."""

    def __init__(self, network: nn.Module, device: str, threads: int, part: int | None = None) -> None:
        import torch

        if device == "cpu":
            torch.set_num_threads(threads)
        self._network = network.to(device)
        self._device = device
        self.part = part or (CPU_BATCH if device == "cpu" else GPU_BATCH)
        self._lock = threading.Lock()

    def __call__(self, batch: Floats) -> tuple[Floats, Floats | None]:
        """One forward pass; threads wait for each other, as the hooks that collect features hold state."""
        with self._lock:
            return in_parts(self._infer, batch, self.part)

    def _infer(self, batch: Floats) -> tuple[Floats, Floats | None]:
        import torch

        with torch.inference_mode():
            output = self._network(torch.from_numpy(batch).to(self._device))
        outputs = output if isinstance(output, tuple | list) else (output,)
        arrays = [tensor.float().cpu().numpy() for tensor in outputs]
        return arrays[0], arrays[1] if len(arrays) > 1 else None


def choose_device(wanted: str) -> str:
    """ "cpu" or "cuda" for "auto", "cpu" or "cuda"; UnavailableError where CUDA is asked for and not there.

    torch is imported only where a device file says that there may be a GPU.
    """
    if wanted not in {"auto", "cpu", "cuda"}:
        raise UnavailableError(f"The device must be auto, cpu or cuda, not {wanted!r}.")
    if wanted == "cpu":
        return "cpu"
    may_have_gpu = any(Path(file).exists() for file in ("/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg"))
    if may_have_gpu and _cuda_works():
        return "cuda"
    if wanted == "cuda":
        raise UnavailableError("The device is set to cuda, but no CUDA device can be used by torch here.")
    return "cpu"


def _cuda_works() -> bool:
    prepare_torch()
    import torch

    if not torch.cuda.is_available():
        return False
    # TF32 keeps 10 bits of the mantissa; recorded answers are float32.
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    return True
