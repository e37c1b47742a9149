"""Small tables to try things on, each with an empty column and what one might type first."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """A table whose last column is empty; `first` is what to type into its first row, made from what `given` says."""

    name: str
    about: str
    given: str
    first: str
    rows: tuple[tuple[str, ...], ...]


CASES = (
    Case(
        "Contacts",
        "Last names out of full names",
        "Jan Kotas",
        "Kotas",
        (
            ("Name", "City", "Last name"),
            ("Jan Kotas", "Seattle", ""),
            ("Mariya Sergienko", "Kirkland", ""),
            ("Steven Thorpe", "Portland", ""),
            ("Michael Neipper", "Boise", ""),
            ("Robert Zare", "Spokane", ""),
            ("Laura Giussani", "Astoria", ""),
            ("Anne Hellung-Larsen", "Tacoma", ""),
            ("María José Núñez", "Eugene", ""),
            ("Cornelia Weiß", "Yakima", ""),
            ("Amritansh Raghav", "Salem", ""),
        ),
    ),
    Case(
        "Deliveries",
        "Dates in another form",
        "2026-03-05",
        "5 Mar 2026",
        (
            ("Parcel", "Promised", "On the label"),
            ("PX-1042", "2026-03-05", ""),
            ("PX-1043", "2026-03-19", ""),
            ("PX-1057", "2026-04-01", ""),
            ("PX-1060", "2026-04-30", ""),
            ("PX-1071", "2026-05-08", ""),
            ("PX-1088", "2026-11-12", ""),
            ("PX-1093", "2026-12-02", ""),
        ),
    ),
    Case(
        "Guests",
        "Two columns into one",
        "Ada | Okafor",
        "Okafor, Ada",
        (
            ("First name", "Surname", "On the list"),
            ("Ada", "Okafor", ""),
            ("Bruno", "Lindqvist", ""),
            ("Chiara", "De Santis", ""),
            ("Dmitri", "Volkov", ""),
            ("Emi", "Tanaka", ""),
            ("Farah", "Haddad", ""),
            ("Grace", "O’Neill", ""),
        ),
    ),
    Case(
        "Phones",
        "One spelling for phone numbers",
        "+1 (206) 555-0143",
        "206-555-0143",
        (
            ("Customer", "Phone", "Clean"),
            ("Fabrikam", "+1 (206) 555-0143", ""),
            ("Contoso", "+1 (425) 555-0119", ""),
            ("Tailspin", "503.555.0187", ""),
            ("Wingtip", "+1 (208) 555-0102", ""),
            ("Northwind", "509 555 0166", ""),
            ("Proseware", "+1 (503) 555-0131", ""),
            ("Litware", "+1 (253) 555-0178", ""),
        ),
    ),
)
