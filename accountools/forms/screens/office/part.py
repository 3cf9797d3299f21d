"""What the parts of the screen *Kantoor* have in common."""

from accountools.domain.obstacle import Obstacle
from accountools.forms.parts.part import Part
from accountools.storage.sqlite.office_files import BACKUP_KEY


class OfficePart(Part):
    """The base of the parts."""

    def remedy(self, one: Obstacle) -> str:
        """An obstacle's remedy, as it is done here."""
        if one.code == "office-damaged" and ("what", BACKUP_KEY) in one.facts:
            return self.texts("Restore an encrypted copy of the key: Keys, on this screen.")
        return super().remedy(one)
