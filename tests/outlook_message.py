"""A mail as Outlook saves it (.msg: MS-OXMSG in a compound file, MS-CFB), with what a reader of it needs."""

import struct
from collections.abc import Iterator, Sequence

Tree = dict[str, "bytes | Tree"]
_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def outlook_message(text: str = "", attachments: Sequence[tuple[str, bytes]] = (), messages: Sequence[Tree] = ()) -> bytes:
    """A message with this text and these attachments, and other messages attached to it (`message_tree`)."""
    return compound_file(message_tree(text, attachments, messages))


def message_tree(text: str = "", attachments: Sequence[tuple[str, bytes]] = (), messages: Sequence[Tree] = ()) -> Tree:
    """What is in such a message."""
    tree: Tree = {"__properties_version1.0": bytes(32), "__substg1.0_1000001F": text.encode("utf-16-le")}
    for place, (name, data) in enumerate(attachments):
        tree[f"__attach_version1.0_#{place:08X}"] = {
            "__properties_version1.0": bytes(8),
            "__substg1.0_3707001F": name.encode("utf-16-le"),
            "__substg1.0_37010102": data,
        }
    for place, inside in enumerate(messages, len(attachments)):
        tree[f"__attach_version1.0_#{place:08X}"] = {"__properties_version1.0": bytes(8), "__substg1.0_3701000D": inside}
    return tree


def compound_file(tree: Tree) -> bytes:
    """A compound file of storages (a tree) and streams (bytes)."""
    return _Writer().write(tree)


class _Writer:
    def __init__(self) -> None:
        self.fat: list[int] = []
        self.sectors: list[bytes] = []
        self.mini_fat: list[int] = []
        self.mini = b""
        self.entries: list[bytes] = []

    def write(self, tree: Tree) -> bytes:
        self.entries.append(b"")  # the root comes first
        child = self._children(tree)
        mini_start = self._add(self.mini)
        self.entries[0] = _entry("Root Entry", 5, child, mini_start, len(self.mini))
        directory = self._add(b"".join(self.entries))
        mini_fat = self._add(struct.pack(f"<{len(self.mini_fat)}I", *self.mini_fat), pad=b"\xff")
        count = next(n for n in range(1, 109) if len(self.fat) + n <= n * _SECTOR // 4)  # sectors of the table of sectors itself
        places = list(range(len(self.fat), len(self.fat) + count))
        table = [*self.fat, *[_FAT] * count]
        table += [_FREE] * (count * _SECTOR // 4 - len(table))
        self.sectors.append(struct.pack(f"<{len(table)}I", *table))
        head = struct.pack("<8s16xHHHHH6x", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6)
        minis = -(-len(self.mini_fat) * 4 // _SECTOR)
        head += struct.pack("<IIIIIIIIII", 0, count, directory, 0, _CUTOFF, mini_fat, minis, _END, 0, 0)[:36]
        return head + struct.pack("<109I", *places, *[_FREE] * (109 - count)) + b"".join(self.sectors)

    def _children(self, tree: Tree) -> int:
        """Add a storage's entries, each the right neighbour of the one before; gives the first."""
        names = sorted(tree, key=lambda name: (len(name), name.upper()))
        places = [len(self.entries) + n for n in range(len(names))]
        self.entries += [b""] * len(names)
        for place, name, following in zip(places, names, [*places[1:], _FREE], strict=False):
            inside = tree[name]
            if isinstance(inside, dict):
                self.entries[place] = _entry(name, 1, self._children(inside), 0, 0, following)
            else:
                start = self._add(inside) if len(inside) >= _CUTOFF else self._add_mini(inside)
                self.entries[place] = _entry(name, 2, _FREE, start, len(inside), following)
        return places[0] if places else _FREE

    def _add(self, data: bytes, pad: bytes = b"\0") -> int:
        pieces = list(_cut(data, _SECTOR, pad))
        start = len(self.fat)
        self.fat += [*range(start + 1, start + len(pieces)), _END] if pieces else []
        self.sectors += pieces
        return start if pieces else _END

    def _add_mini(self, data: bytes) -> int:
        pieces = list(_cut(data, _MINI, b"\0"))
        start = len(self.mini_fat)
        self.mini_fat += [*range(start + 1, start + len(pieces)), _END] if pieces else []
        self.mini += b"".join(pieces)
        return start if pieces else _END


def _cut(data: bytes, size: int, pad: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size].ljust(size, pad)


def _entry(name: str, kind: int, child: int, start: int, size: int, right: int = _FREE) -> bytes:
    encoded = name.encode("utf-16-le")
    assert len(encoded) <= 62, name
    return encoded.ljust(64, b"\0") + struct.pack("<HBBIII36xIQ", len(encoded) + 2, kind, 1, _FREE, right, child, start, size)
