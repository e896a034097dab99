"""Opens an artifact without Refit: weights with safetensors, model.ts with PyTorch. Usage: check_artifact.py FOLDER WHAT"""

import json
import struct
import sys
from pathlib import Path


def check_weights(folder):
    """Every tensor is there, float32, and finite; their number agrees with the sizes in preprocessing.json."""
    import safetensors

    tensors = dict(safetensors.deserialize((folder / "weights.safetensors").read_bytes()))
    network = json.loads((folder / "preprocessing.json").read_text())["network"]
    assert tensors["head.weight"]["shape"] == [2, network["hidden"]], tensors["head.weight"]["shape"]
    assert sum(name.startswith("lstm.") for name in tensors) == 4 * network["layers"]
    for name, tensor in tensors.items():
        assert tensor["dtype"] == "F32", name
        numbers = struct.unpack(f"<{len(tensor['data']) // 4}f", tensor["data"])
        assert all(abs(number) < 100 for number in numbers), name


def check_script(folder):
    """The answers of golden.json, within 1e-6, at 1, 7 and 64 rows."""
    import torch

    cases = json.loads((folder / "golden.json").read_text())["cases"]
    model = torch.jit.load(str(folder / "model.ts"))
    for rows in (1, 7, 64):
        some = [cases[row % len(cases)] for row in range(rows)]
        inputs = torch.tensor([case["window"] for case in some]).view(rows, -1, 5)
        symbols = torch.tensor([case["symbol"] for case in some])
        out = model(inputs, symbols).double()
        expected = torch.tensor(
            [[case["expected"][name] for name in ("location", "scale", "degrees")] for case in some],
            dtype=torch.float64,
        )
        off = ((out - expected).abs() / expected.abs().clamp(min=1)).max().item()
        assert off < 1e-6, f"{rows} rows: off by {off}"


if __name__ == "__main__":
    {"weights": check_weights, "script": check_script}[sys.argv[2]](Path(sys.argv[1]))
