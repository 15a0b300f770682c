"""Before the tests: say which packages are missing instead of failing one by one."""

import shutil
import subprocess
import sys

from tests.support.chromium import find_chromium
from tests.support.servers.nginx import find_nginx


def missing() -> list[str]:
    wanted = []
    if find_chromium() is None and not _fetch_playwright_chromium():
        wanted.append("chromium")
    if not _has_cjk_font():
        wanted.append("fonts-noto-cjk")
    if find_nginx() is None:
        wanted.append("nginx")
    return wanted


def _has_cjk_font() -> bool:
    if shutil.which("fc-list") is None:
        return False
    fonts = subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, text=True, check=False)
    return bool(fonts.stdout.strip())


def _fetch_playwright_chromium() -> bool:
    """Playwright's own browser, where it can be fetched."""
    fetched = subprocess.run(
        [sys.executable, "-m", "playwright", "install", "chromium"], capture_output=True, check=False, timeout=300
    )
    return fetched.returncode == 0 and find_chromium() is not None


if __name__ == "__main__":
    packages = missing()
    if packages:
        sys.exit(f"The tests need: apt-get install {' '.join(packages)}")
