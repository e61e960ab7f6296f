"""Everything that can be configured, read from REGIONSCOPE_* environment variables."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """One installation's settings; every field is the environment variable REGIONSCOPE_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="REGIONSCOPE_", extra="ignore")

    data_dir: Path = Field(Path("data"), description="database, blobs and caches")
    database_url: str | None = Field(None, description="SQLAlchemy URL; SQLite in data_dir where none is given")
    models_dir: Path | None = Field(None, description="models of one's own (default: data_dir/models)")
    inpainting_network: Path | None = Field(None, description="TorchScript file that fills regions, e.g. LaMa")
    working_px: int = Field(512, ge=16, le=4096, description="longest side of the working copy")
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = Field(2, ge=1, description="threads of one forward pass")
    trusted_proxies: int = Field(0, ge=0, le=9, description="reverse proxies in front of the application")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def url(self) -> str:
        """The database's SQLAlchemy URL."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'regionscope.sqlite'}"

    @property
    def blobs_dir(self) -> Path:
        """Where content-addressed files lie."""
        return self.data_dir / "blobs"

    @property
    def cache_dir(self) -> Path:
        """What can be made again: converted networks."""
        return self.data_dir / "cache"

    @property
    def derived_dir(self) -> Path:
        """What follows from what is kept and took time to compute: maps, effects of regions."""
        return self.data_dir / "derived"

    @property
    def jobs_dir(self) -> Path:
        """What longer work in the background is to do, and how far it is."""
        return self.cache_dir / "jobs"

    @property
    def exports_dir(self) -> Path:
        """Data packages that were written from a page; they go after a day."""
        return self.data_dir / "exports"

    @property
    def figures_dir(self) -> Path:
        """Figures that a page drew."""
        return self.cache_dir / "figures"

    @property
    def last_withdrawal(self) -> Path:
        """Changes whenever a participant has taken back what she gave."""
        return self.data_dir / "last-withdrawal"

    @property
    def own_models_dir(self) -> Path:
        """Where a person puts models of her own."""
        return self.models_dir or self.data_dir / "models"
