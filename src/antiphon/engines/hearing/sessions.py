"""ONNX models on one thread each: the server's process has requests to serve."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from antiphon.errors import EngineUnavailable

Tensor = npt.NDArray[np.float32]
# A number of its own, such as a rate.
Scalar = npt.NDArray[np.int64]


class OnnxSession(Protocol):
    """A loaded model; it remembers nothing between runs, so that any number of streams share it."""

    def run(self, output_names: None, input_feed: Mapping[str, Tensor | Scalar]) -> list[Any]:
        """Return all outputs, in the model's order."""
        ...


def open_session(path: Path) -> OnnxSession:
    """Load a model. Raises `EngineUnavailable` where the file is not there or is no model."""
    # Takes 0.2 s and 40 MB, which a server without voices does not spend.
    import onnxruntime  # noqa: PLC0415

    # Its types are made while it loads, so that a checker knows none of them.
    onnx: Any = onnxruntime
    errors = onnx.capi.onnxruntime_pybind11_state
    options = onnx.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnx.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except (
        errors.NoSuchFile,
        errors.InvalidProtobuf,
        errors.InvalidGraph,
        errors.InvalidArgument,
        errors.Fail,
    ) as error:
        raise EngineUnavailable(f"the model {path.name} does not load: {error}") from error
