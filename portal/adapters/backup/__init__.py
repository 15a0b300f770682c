"""Backup and restore: one encrypted file with the database, the photographs and a manifest of counts."""

from portal.adapters.backup.databases import CopyFailed
from portal.adapters.backup.making import Backup, RestoredBackup, create_backup, restore_backup
from portal.adapters.backup.sealing import DamagedBackup

__all__ = ["Backup", "CopyFailed", "DamagedBackup", "RestoredBackup", "create_backup", "restore_backup"]
