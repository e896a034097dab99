"""The peer of `make bench-train`: the same forecasters, trained by a plain PyTorch script.

One process, one thread, some tickers one after the other; `train.py` starts two of them. Same bars, inputs, rows, split,
network, loss, batch size, epochs, clipping and scores as Refit's; AdamW is PyTorch's fused one, LSTM oneDNN's where PyTorch uses
it, batches are taken by index: faster than a DataLoader for data that is in memory.
"""

import argparse
import csv
import json
import math
import time

STARTED = time.perf_counter()
import torch  # noqa: E402  (its import is part of what is measured)
from torch import nn  # noqa: E402

WARM_UP, DECAY, FLOOR, CUT_OFF = 21, 0.94, 1e-4, 8.0
SCALE_FLOOR, LEAST_DEGREES = 0.05, 3.0
HOLDOUT, VALIDATION_SHARE = 60, 0.15


def load(path):
    with open(path, newline="") as file:
        return [[float(row[c]) for c in ("open", "high", "low", "close", "adj_close", "volume")] for row in csv.DictReader(file)]


def digest(bars):
    """Log-returns, EWMA volatility and five inputs per bar."""
    returns, volatility, inputs = [0.0], [FLOOR], [[0.0] * 5]
    total = weight = 0.0
    for i in range(1, len(bars)):
        (_, _, _, _, before, volume_before), (open_, high, low, close, adjusted, volume) = bars[i - 1], bars[i]
        sigma = volatility[-1]
        returns.append(math.log(adjusted / before))
        total, weight = DECAY * total + returns[-1] ** 2, DECAY * weight + 1.0
        volatility.append(max(math.sqrt(total / weight), FLOOR))
        spread = high - low
        inputs.append(
            [
                returns[-1] / sigma,
                math.log(open_ * adjusted / close / before) / sigma,
                math.log(high / low) / sigma,
                (2 * close - high - low) / spread if spread > 0 else 0.0,
                math.log(volume + 1) - math.log(volume_before + 1),
            ]
        )
    return returns, volatility, inputs


def prepare(bars, window):
    """Windows, targets (in units of volatility), volatilities, returns, and where training and validation rows end."""
    returns, volatility, inputs = digest(bars)
    ends = range(WARM_UP + window - 1, len(bars) - 1)
    rest = len(ends) - HOLDOUT
    fit = rest - max(round(rest * VALIDATION_SHARE), 20)
    inputs = torch.tensor(inputs, dtype=torch.float64)
    seen = inputs[WARM_UP : ends[fit - 1] + 1]
    spread = (seen.quantile(0.75, 0) - seen.quantile(0.25, 0)) / 1.349
    inputs = ((inputs - seen.quantile(0.5, 0)) / spread).clamp(-CUT_OFF, CUT_OFF).float()
    x = torch.stack([inputs[end + 1 - window : end + 1] for end in ends])
    y = torch.tensor([returns[end + 1] / volatility[end] for end in ends])
    return x, y, [volatility[end] for end in ends], [returns[end + 1] for end in ends], fit, rest


class Forecaster(nn.Module):
    def __init__(self, hidden, layers):
        super().__init__()
        self.lstm = nn.LSTM(5, hidden, layers, batch_first=True)
        self.head = nn.Linear(hidden, 2)
        self.degrees = nn.Parameter(torch.tensor(math.log(math.expm1(8.0 - LEAST_DEGREES))))
        nn.init.zeros_(self.head.weight)
        with torch.no_grad():
            self.head.bias.copy_(torch.tensor([0.0, math.log(math.expm1(math.sqrt(6 / 8) - SCALE_FLOOR))]))

    def forward(self, x):
        output, _ = self.lstm(x)
        location, scale = self.head(output[:, -1]).unbind(1)
        softplus = nn.functional.softplus
        return location, softplus(scale) + SCALE_FLOOR, softplus(self.degrees) + LEAST_DEGREES


def nll(y, location, scale, degrees):
    half = degrees / 2
    norm = torch.lgamma(half) - torch.lgamma(half + 0.5) + 0.5 * torch.log(degrees * math.pi)
    tail = (half + 0.5) * torch.log1p(((y - location) / scale) ** 2 / degrees)
    return (tail + torch.log(scale)).mean() + norm


def train(x, y, fit, rest, options):
    torch.manual_seed(options.seed)
    model = Forecaster(options.hidden, options.layers)
    optimiser = torch.optim.AdamW(model.parameters(), lr=options.learning_rate, weight_decay=1e-4, fused=True)
    best, kept, loss = math.inf, None, math.nan
    for _ in range(options.epochs):
        model.train()
        total = 0.0
        for batch in torch.randperm(fit).split(options.batch):
            optimiser.zero_grad(set_to_none=True)
            step_loss = nll(y[batch], *model(x[batch]))
            step_loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            total += step_loss.item() * len(batch)
        loss = total / fit
        model.eval()
        with torch.inference_mode():
            validation = nll(y[fit:rest], *model(x[fit:rest])).item()
        if validation < best:
            best, kept = validation, {name: value.clone() for name, value in model.state_dict().items()}
    if kept:
        model.load_state_dict(kept)
    return model, loss


def calibrate(y, location, scale, degrees):
    """The factor on the scale with the lowest validation loss, by golden section."""
    golden, low, high = (math.sqrt(5) - 1) / 2, math.log(0.25), math.log(4)
    for _ in range(30):
        left, right = high - golden * (high - low), low + golden * (high - low)
        if nll(y, location, scale * math.exp(left), degrees) <= nll(y, location, scale * math.exp(right), degrees):
            high = right
        else:
            low = left
    return math.exp((low + high) / 2)


def incomplete_beta(a, b, x):
    """The regularised incomplete beta function, by Lentz's continued fraction."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, 200):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d, c = 1 / (1 + numerator * d), 1 + numerator / c
            fraction *= c * d
        if abs(c * d - 1) < 1e-12:
            break
    return front * fraction


def crps(y, location, scale, degrees):
    """Closed form for the Student-t (Jordan, Krüger and Lerch 2019)."""
    z, nu = (y - location) / scale, degrees
    tail = incomplete_beta(nu / 2, 0.5, nu / (nu + z * z)) / 2
    cdf = 1 - tail if z > 0 else tail
    log_beta = lambda a, b: math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)  # noqa: E731
    density = math.exp(-log_beta(0.5, nu / 2) - (nu + 1) / 2 * math.log1p(z * z / nu)) / math.sqrt(nu)
    spread = 2 * math.sqrt(nu) / (nu - 1) * math.exp(log_beta(0.5, nu - 0.5) - 2 * log_beta(0.5, nu / 2))
    return scale * (z * (2 * cdf - 1) + 2 * density * (nu + z * z) / (nu - 1) - spread)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("prices")
    parser.add_argument("tickers", nargs="+")
    parser.add_argument("--out", required=True)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--hidden", type=int, default=50)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--window", type=int, default=60)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    # The first optimiser imports a second's worth of PyTorch: start-up, not work.
    torch.optim.AdamW([nn.Parameter(torch.zeros(1))], fused=True)
    ready = time.perf_counter()
    for ticker in options.tickers:
        began = time.perf_counter()
        x, y, volatility, returns, fit, rest = prepare(load(f"{options.prices}/{ticker}.csv"), options.window)
        model, loss = train(x, y, fit, rest, options)
        with torch.inference_mode():
            location, scale, degrees = model(x[fit:])
            held = rest - fit
            factor = calibrate(y[fit:rest], location[:held], scale[:held], degrees)
        rows = zip(location[held:].tolist(), scale[held:].tolist(), volatility[rest:], returns[rest:])
        scores = [crps(r, m * sigma, s * factor * sigma, degrees.item()) for m, s, sigma, r in rows]
        torch.save(model.state_dict(), f"{options.out}/{ticker}.pt")
        figures = {"loss": loss, "crps": sum(scores) / len(scores), "seconds": time.perf_counter() - began}
        print(json.dumps({"ticker": ticker, **figures}), flush=True)
    print(json.dumps({"start_up": ready - STARTED, "work": time.perf_counter() - ready}), flush=True)


if __name__ == "__main__":
    main()
