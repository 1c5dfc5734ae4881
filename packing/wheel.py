"""Makes the wheel complete: gunicorn.conf.py lies beside the package, where setuptools does not look.

Named in pyproject.toml; setuptools loads it by its path.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools.command.build_py import build_py

CONFIGURATION = "gunicorn.conf.py"


class BuildPackage(build_py):  # type: ignore[misc]  # setuptools has no types
    """The usual step that collects the package, and then the configuration, where the archive has it, too."""

    def run(self) -> None:
        """Collect the files of the wheel."""
        super().run()
        if not self.editable_mode:  # an editable installation reads the file of the checkout
            target = Path(self.build_lib) / "yourl" / CONFIGURATION
            shutil.copyfile(CONFIGURATION, target)
