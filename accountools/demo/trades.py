"""What the companies of the demonstration do: what they sell and buy, to and from whom, and when in the year."""

from dataclasses import dataclass

HIGH, LOW = 21, 9  # percent
TAX = {"VH": (HIGH, "1500"), "VL": (LOW, "1510"), "IH": (HIGH, "1520"), "IL": (LOW, "1520")}  # by VAT code: the rate, and the account
SHIFTED = {"IVL": (HIGH, "1540")}  # the buyer owes the tax, and deducts it
_SPRING = (5, 6, 9, 12, 13, 11, 8, 7, 9, 8, 6, 6)
_SUMMER = (5, 6, 8, 10, 11, 11, 8, 7, 12, 10, 7, 5)
_DECEMBER = (7, 8, 8, 9, 9, 8, 6, 6, 8, 8, 9, 14)
_WINTER = (12, 11, 9, 8, 7, 6, 4, 5, 8, 9, 10, 11)


@dataclass(frozen=True)
class Product:
    """What is sold or bought: the account, its VAT code, and the words of an invoice."""

    account: str
    vat: str
    what: str


@dataclass(frozen=True)
class Supplier:
    """Who sells what; the size of its invoices beside the average, and how many it sends beside others."""

    name: str
    product: Product
    size: float
    weight: int = 2


@dataclass(frozen=True)
class Trade:
    """A kind of company. `average` is that of its sales invoices in cents; `season` weighs the months; `cash` is the share of cash sales.

    The first of `sales` is what it lives by, the second has another VAT rate.
    """

    sales: tuple[Product, ...]
    suppliers: tuple[Supplier, ...]
    average: int
    season: tuple[int, ...]
    cash: float = 0.0


def _goods(name: str, what: str, account: str = "7000", vat: str = "IH", size: float = 1.6) -> Supplier:
    return Supplier(name, Product(account, vat, what), size, 7)


TRADES = {
    "Bakkerij": Trade(
        (Product("8010", "VL", "Brood en banket"), Product("8000", "VH", "Taart met bezorging en verhuur")),
        (_goods("Meelhandel De Korenaar", "Grondstoffen", "7010", "IL"), _goods("Verpakkingen Van Loon", "Dozen en zakken", size=0.6)),
        310_000, _DECEMBER, 0.3,
    ),
    "Schildersbedrijf": Trade(
        (Product("8110", "VL", "Schilderwerk woning"), Product("8100", "VH", "Schilderwerk bedrijfspand")),
        (_goods("Verfgroothandel Regenboog", "Verf en kwasten"), _goods("Steigerverhuur Smit", "Huur steiger", "7200", size=0.8)),
        580_000, _SUMMER,
    ),
    "Fietsen": Trade(
        (Product("8000", "VH", "Fietsen en onderdelen"), Product("8110", "VL", "Reparatie fietsen")),
        (_goods("Rijwielgroothandel Holland", "Fietsen"), _goods("Banden en Delen B.V.", "Onderdelen", size=0.7)),
        360_000, _SPRING, 0.3,
    ),
    "Loodgieters": Trade(
        (Product("8100", "VH", "Loodgieterswerk"), Product("8110", "VL", "Isolatie woning")),
        (_goods("Sanitairgroothandel Delfland", "Sanitair en leidingen"), _goods("Dakmaterialen Noord", "Zink en lood", size=1.0)),
        430_000, _WINTER,
    ),
    "Bloemen": Trade(
        (Product("8010", "VL", "Bloemen en planten"), Product("8000", "VH", "Vazen en potten")),
        (_goods("Kwekerij Het Westland", "Snijbloemen", "7010", "IL"), _goods("Potterie De Draaischijf", "Vazen en potten", size=0.6)),
        260_000, (7, 13, 8, 9, 14, 8, 5, 5, 7, 8, 8, 12), 0.35,
    ),
    "Advies": Trade(
        (Product("8100", "VH", "Advieswerk"), Product("8010", "VL", "Handboek"), Product("8140", "VEUD", "Advieswerk binnen de EU")),
        (_goods("Bureau Inzicht", "Onderzoek", "7100"), _goods("Drukkerij Vermeer", "Drukwerk", "7100", size=0.4)),
        640_000, (9, 9, 10, 9, 9, 9, 5, 4, 9, 10, 10, 7),
    ),
    "Slagerij": Trade(
        (Product("8010", "VL", "Vlees en vleeswaren"), Product("8000", "VH", "Verhuur barbecue")),
        (_goods("Vleesgroothandel De Hoeve", "Vlees", "7010", "IL"), _goods("Slagersbenodigdheden Mes", "Folie en messen", size=0.5)),
        320_000, _DECEMBER, 0.3,
    ),
    "Timmerwerken": Trade(
        (Product("8100", "VH", "Timmerwerk"), Product("8110", "VL", "Isolatie woning"), Product("8160", "VVL", "Werk in onderaanneming")),
        (_goods("Houthandel De Eik", "Hout en plaatmateriaal"), _goods("Bouwploeg Dijkstra", "Uitbesteed werk", "7110", "IVL")),
        610_000, _SUMMER,
    ),
    "Garage": Trade(
        (Product("8100", "VH", "Onderhoud en reparatie"), Product("8010", "VL", "Koffie en broodjes"), Product("8000", "VH", "Banden")),
        (_goods("Autodelen Centrum", "Onderdelen"), _goods("Bandencentrale Oost", "Banden", size=1.2)),
        290_000, (10, 8, 9, 9, 9, 8, 7, 6, 8, 10, 10, 8), 0.2,
    ),
    "Kapsalon": Trade(
        (Product("8110", "VL", "Knippen en kleuren"), Product("8000", "VH", "Verzorgingsproducten")),
        (_goods("Kappersgroothandel Krul", "Haarverf en shampoo"), _goods("Salonmeubel Direct", "Handdoeken en stoelen", "4220", size=0.6)),
        240_000, (8, 7, 8, 8, 9, 9, 7, 7, 8, 8, 9, 12), 0.5,
    ),
}  # fmt: skip

OVERHEADS = (
    Supplier("Energie Delta", Product("4120", "IH", "Gas en elektriciteit"), 0.7),
    Supplier("Waterbedrijf Laagland", Product("4125", "IL", "Water"), 0.12),
    Supplier("Telecom Oranjeland", Product("4600", "IH", "Telefoon en internet"), 0.2),
    Supplier("Tankstation De Viersprong", Product("4400", "IH", "Brandstof"), 0.35),
    Supplier("Kantoorvakhandel Inkt", Product("4500", "IH", "Kantoorbenodigdheden"), 0.2),
    Supplier("Reclamebureau Blikvanger", Product("4300", "IH", "Advertentie"), 0.6),
    Supplier("Kantoor Zonnestein", Product("4700", "IH", "Administratie"), 0.9),
)
CUSTOMERS = (
    *("Lunchroom De Hoek", "Basisschool De Regenboog", "Zorgcentrum Rozenhof", "VvE Parkzicht", "Van Dijk Makelaardij", "Familie Postma"),
    *("Hotel De Gouden Leeuw", "Stichting Wijkwerk", "Bouwbedrijf De Groot", "Sportvereniging Olympia", "Restaurant Het Veerhuis"),
    *("Kinderopvang De Duizendpoot", "Boekhandel Van Leeuwen", "Dierenarts Mulder", "Theater De Spil", "Camping Duinrand", "Apotheek Bos"),
    *("Notariskantoor Dekker", "Familie Hendriks", "Woningstichting Ons Huis", "Café De Brug", "Uitgeverij Lijster", "Museum Het Spinhuis"),
    *("Kwekerij Peters", "Muziekschool Da Capo", "Familie El Idrissi", "Vos Transport", "Tandartspraktijk Smit", "Brouwerij De Kraan"),
)
CITIES = ("Delft", "Gouda", "Zwolle", "Breda", "Assen", "Venlo", "Hoorn", "Leiden", "Tiel", "Sneek", "Rijswijk", "Den Haag")
