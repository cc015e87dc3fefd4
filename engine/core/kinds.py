"""The words that a setting, a command or a file chooses one of."""

from __future__ import annotations

from typing import Literal, get_args

DeviceKind = Literal["mps", "cuda", "cpu"]
DeviceSetting = Literal["auto", DeviceKind]
DtypeName = Literal["float32", "bfloat16", "float16"]
DtypeSetting = Literal["auto", DtypeName]
"""A device, and the dtype of its matrix products; "auto" is the best that this machine has."""

OptimizerName = Literal["adamw", "muon"]
DecayForm = Literal["cosine", "linear"]
DropoutAt = Literal["all", "layers"]
"""Where activations are dropped: all that nanoGPT drops, or only in the layers, and not of token vectors."""

Sampling = Literal["random", "epochs"]
"""How windows are drawn: at random with replacement, as nanoGPT does, or each once before any comes again."""

OnFault = Literal["stop", "fix"]
ResumeFrom = Literal["latest", "best", "previous"]

RecipeName = Literal["guide", "quick"]
"""Who decides the settings that are not said."""

TextTokenizer = Literal["gpt2", "char", "bpe"]
TokenizerKind = Literal[TextTokenizer, "listed"]
"""What cuts text into tokens: those that a text can be prepared with, and any list of tokens from elsewhere."""

Split = Literal["position", "document"]
"""How the part that judges is chosen: the end of the text, as nanoGPT does, or whole files from all over it."""

HeadRole = Literal["previous", "same", "first", "none"]
"""What a head of attention was measured to look at: the token before, the same one earlier, the first, or none."""

DEVICES: tuple[DeviceSetting, ...] = get_args(DeviceSetting)
DTYPES: tuple[DtypeSetting, ...] = get_args(DtypeSetting)
RECIPES: tuple[RecipeName, ...] = get_args(RecipeName)
TOKENIZERS: tuple[TextTokenizer, ...] = get_args(TextTokenizer)
SPLITS: tuple[Split, ...] = get_args(Split)
