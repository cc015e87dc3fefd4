"""GPT-2's weights from Hugging Face's hub, over https: resumed where a download broke off, kept once the sum is right.

The hub keeps large files by their SHA-256 and names it before it sends one (the header X-Linked-Etag), as Git LFS does.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.errors import DataError, UnderstudyError
from engine.core.events import Progress, Turn
from engine.core.files import file_sha256
from engine.core.init_from import GPT2_BLOCK, GPT2_SHAPES
from engine.core.jobs import Control, Job
from engine.core.untrusted_json import parsed
from engine.runs.model_files import gpt2_folder
from engine.text.download import TIMEOUT

if TYPE_CHECKING:
    import requests

HUB = "https://huggingface.co/openai-community"
"""Where OpenAI's models are kept."""

_BLOCK = 2**20
_CONFIG_LIMIT = 2**20


def ensure_here(init_from: str, control: Control) -> Job:
    """Download the published GPT-2 that an init_from names, unless it is on this machine; nothing for any other.

    A stop keeps what came, and the next call goes on from there. Raises DataError when there is no network, the hub
    fails, what came is not what it announced, or the disk has no room.
    """
    if init_from not in GPT2_SHAPES or os.path.exists(gpt2_folder(init_from) / "model.safetensors"):
        return
    folder = gpt2_folder(init_from)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield from _bring(init_from, folder, control)
    except OSError as error:  # requests' errors are OSErrors as well
        raise _failed(init_from, _words(error)) from error


def _bring(name: str, folder: Path, control: Control) -> Job:
    """Bring config.json and then the weights into a folder."""
    import requests  # 0.1 s to import, and most people never download

    with requests.Session() as hub:
        _bring_config(hub, name, folder)
        url = f"{HUB}/{name}/resolve/main/model.safetensors"
        size, sha256 = _announced(hub, name, url)
        part = folder / f"{sha256}.part"
        have = part.stat().st_size if os.path.exists(part) else 0
        if shutil.disk_usage(folder).free < size - have:
            raise _failed(name, f"It needs {size / 1e6:,.0f} MB, and the disk has not that much room.")
        yield from _receive(hub, url, part, size, name, control)
        if control.stopping:
            return
        yield Progress(what=f"Checking {name}", done=size, total=size, unit="bytes")
        if part.stat().st_size != size or file_sha256(part) != sha256:
            part.unlink()
            raise _failed(name, "What came is not what the hub announced: its SHA-256 is another.")
        part.replace(folder / "model.safetensors")


def _bring_config(hub: requests.Session, name: str, folder: Path) -> None:
    """Bring config.json, which must name the shape that the model is known to have."""
    answer = hub.get(f"{HUB}/{name}/resolve/main/config.json", timeout=TIMEOUT)
    answer.raise_for_status()
    try:
        config = parsed(answer.content[:_CONFIG_LIMIT])
        known = {**GPT2_SHAPES[name], "n_positions": GPT2_BLOCK}
        alike = all(config[key] == value for key, value in known.items())
    except (ValueError, KeyError, TypeError):
        alike = False
    if not alike:
        raise _failed(name, "The config.json that came is not that of this model.")
    (folder / "config.json").write_bytes(answer.content)


def _announced(hub: requests.Session, name: str, url: str) -> tuple[int, str]:
    """Return the size and the SHA-256 that the hub names for a file before it says where the file is."""
    answer = hub.head(url, allow_redirects=False, timeout=TIMEOUT)
    if answer.status_code >= 400:
        answer.raise_for_status()
    sha256 = answer.headers.get("X-Linked-Etag", "").strip('"')
    size = answer.headers.get("X-Linked-Size", "")
    if not re.fullmatch(r"[0-9a-f]{64}", sha256) or not size.isdecimal():
        raise _failed(name, "The hub did not say which checksum the file has, so it could not be trusted.")
    return int(size), sha256


def _receive(hub: requests.Session, url: str, part: Path, size: int, name: str, control: Control) -> Job:
    """Add what is missing to `part`, never more than belongs there."""
    done = part.stat().st_size if os.path.exists(part) else 0
    if done >= size:
        return
    asked = {"Range": f"bytes={done}-"} if done else {}
    with hub.get(url, headers=asked, stream=True, timeout=TIMEOUT) as answer:
        answer.raise_for_status()
        goes_on = answer.status_code == 206
        done = done if goes_on else 0
        with part.open("ab" if goes_on else "wb") as file:
            for block in answer.iter_content(_BLOCK):
                done += file.write(block)
                if control.stopping or done > size:
                    return
                yield Progress(what=f"Downloading {name}", done=done, total=size, unit="bytes")
                yield Turn.NEXT


def _words(error: OSError) -> str:
    """Return in words what a failed request or write means."""
    import requests

    if isinstance(error, requests.HTTPError):
        return f"The hub answered {error.response.status_code}."
    if isinstance(error, requests.RequestException):
        return "No connection could be made, or it broke off: is there a network?"
    return f"The file cannot be kept: {error.strerror or error}."


def _failed(name: str, cause: str) -> UnderstudyError:
    """Return the error for a download that did not come to its end, with the way that needs no network."""
    return DataError(
        f"{name} could not be downloaded.",
        cause=cause,
        fix=(
            "Try again: it goes on where it broke off. Or bring config.json and model.safetensors of "
            f"openai-community/{name} from elsewhere in one folder, and name it: --init_from=/path/to/{name}."
        ),
        code="download_failed",
    )
