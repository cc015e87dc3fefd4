"""Events of a run as the engine would tell them, without torch."""

from engine.core.events import Advice, Eval, Finished, Started, Step


def started(**changes):
    told = {
        "run_dir": "/runs/fake",
        "parameters": 6_849_152,
        "device": "cpu",
        "dtype": "float32",
        "tokens_per_iter": 1024,
        "estimate": {},
        "iter_num": 0,
        "max_iters": 100,
        "train_tokens": 10_240,
        "val_tokens": 1024,
        "val_bytes": 4096,
        "vocab_size": 65,
    }
    return Started(**{**told, **changes})


def step(iter_num, loss=3.0, **changes):
    told = {"lr": 1e-3, "grad_norm": 1.0, "step_ms": 10.0, "tokens_per_s": 1e5, "memory_bytes": 10**8}
    return Step(iter_num=iter_num, loss=loss, **{**told, **changes})


def evaluation(iter_num, val_loss, *, is_best=True):
    return Eval(iter_num=iter_num, train_loss=val_loss - 0.1, val_loss=val_loss, bits_per_byte=2.0, is_best=is_best)


def next_model(iter_num, number=2):
    what = f"Model {number} of {number} begins, and learns from the one before it as well."
    return Advice(iter_num=iter_num, code="next_generation", severity="info", what=what, why="It is new.")


def finished(reason="done", iter_num=100, best=2.0, seconds=12.0):
    return Finished(reason=reason, iter_num=iter_num, best_val_loss=best, seconds=seconds, peak_memory_bytes=10**8)
