"""Backup and restore: one encrypted file with the database, the photographs and a manifest of counts."""

from portal.adapters.backup.databases import CannotCopy
from portal.adapters.backup.making import Backup, Restored, back_up, restore
from portal.adapters.backup.sealing import Damaged

__all__ = ["Backup", "CannotCopy", "Damaged", "Restored", "back_up", "restore"]
