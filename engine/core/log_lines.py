"""The lines in which nanoGPT's train.py tells how a run goes."""

from __future__ import annotations

from engine.core.events import Checkpoint, Eval, Step


def log_line(event: Step | Eval | Checkpoint) -> str:
    """Return nanoGPT's own line for a logged iteration, an evaluation or a checkpoint."""
    match event:
        case Step():
            return f"iter {event.iter_num}: loss {event.loss:.4f}, time {event.step_ms:.2f}ms"
        case Eval():
            return f"step {event.iter_num}: train loss {event.train_loss:.4f}, val loss {event.val_loss:.4f}"
        case Checkpoint():
            return f"saving checkpoint to {event.path}"
