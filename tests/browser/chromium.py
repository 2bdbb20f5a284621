"""Finds Chromium; `python -m tests.browser.chromium` installs it where it may, and says what came of that."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

SETTING = "TRYGGVAG_TEST_CHROMIUM"  # the browser's path, or "none" to leave these tests out
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = f"no Chromium was found: the tests in a browser are left out; install it, or set {SETTING}"
GAVE_UP = Path(sys.prefix) / "no-chromium"  # what went wrong last time, so that not every run waits for it again
LIMIT = 180  # seconds for each way to install it
APT = "DEBIAN_FRONTEND=noninteractive apt-get -q"
ASK = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"


@cache
def find() -> str | None:
    """The browser's path; None when there is none."""
    told = os.environ.get(SETTING, "")
    if told:
        return told if told != "none" and Path(told).exists() else None
    for name in NAMES:
        if found := shutil.which(name):
            return found
    own = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, timeout=60, check=False)
    path = own.stdout.strip()
    return path if path and Path(path).exists() else None


def ways() -> list[list[str]]:
    """The commands that may install it here."""
    found = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get"):
        found.append(["sh", "-c", f"{APT} update && {APT} install --yes --no-install-recommends chromium"])
    return found


def install() -> str:
    """Try each way until one helps; what to tell about it, empty when all is well."""
    if find():
        return ""
    if os.environ.get(SETTING):
        return MISSING
    if GAVE_UP.exists():
        return f"{MISSING} (it could not be installed; remove {GAVE_UP} to try again)"
    print("no Chromium: installing it for the tests in a browser", flush=True)
    for way in ways():
        try:
            subprocess.run(way, capture_output=True, timeout=LIMIT, check=True)
        except (OSError, subprocess.SubprocessError):
            continue
        find.cache_clear()
        if find():
            return ""
    GAVE_UP.write_text("\n".join(" ".join(way) for way in ways()) + "\n")
    return MISSING


if __name__ == "__main__":
    if told := install():
        print(told)
