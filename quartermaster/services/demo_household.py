"""The household that the demo shows: what it plans, where it buys, and the published averages behind both.

The amounts come from the U.S. Bureau of Labor Statistics, Consumer Expenditure Surveys, "Consumer Expenditures in
2023" (news release USDL-24-1862 of 25 September 2024, table A, average of all consumer units, and the calendar year
2023 mean tables for the finer items). How a component is divided among entries, and every name, is made up.
"""

from __future__ import annotations

from dataclasses import dataclass

from quartermaster.domain.section import Section

INCOME_AFTER_TAXES = 87_869
"""US dollars a year, average of all consumer units, 2023; the demo's pay is this less insurance and pensions."""

YEARLY = {
    "food at home": 6_053,
    "food away from home": 3_933,
    "alcoholic beverages": 637,
    "housing": 25_436,
    "apparel and services": 2_041,
    "transportation": 13_174,
    "healthcare": 6_159,
    "entertainment": 3_635,
    "personal care": 950,
    "reading": 117,
    "education": 1_656,
    "cash contributions": 2_378,
    "insurance and pensions": 9_556,
}
"""US dollars a year, average of all consumer units, 2023."""


@dataclass(frozen=True, slots=True)
class Habit:
    """One entry of the demo's plan and how money moves on it.

    `planned` in whole units a month; `times` postings a month of which each varies by up to `spread` percent;
    `days` fixes the days instead. Percentages are whole numbers: no float touches an amount.
    """

    section: Section
    name: str
    planned: int
    payees: tuple[str, ...]
    days: tuple[int, ...] = ()
    times: int = 1
    spread: int = 0
    notes: str | None = None
    goal: int | None = None
    opening_balance: int | None = None
    debt_balance: int | None = None
    apr_basis_points: int | None = None


def _monthly(component: str, percent: int = 100) -> int:
    return YEARLY[component] * percent // 1200


_PAY = (INCOME_AFTER_TAXES - YEARLY["insurance and pensions"]) // 12

HABITS = (
    Habit(Section.INCOME, "Alex’s pay", _PAY * 62 // 100, ("Harbor Instruments",), days=(1, 15)),
    Habit(Section.INCOME, "Sam’s pay", _PAY - _PAY * 62 // 100, ("Eastside Clinic",), days=(5, 19), spread=4),
    Habit(
        Section.FIXED_BILL, "Rent", _monthly("housing", 68), ("Larkspur Homes",), days=(1,),
        notes="The lease runs until the end of next summer.",
    ),
    Habit(Section.FIXED_BILL, "Electricity and gas", _monthly("housing", 10), ("Valley Power",), days=(12,), spread=22),
    Habit(Section.FIXED_BILL, "Water and waste", _monthly("housing", 3), ("City Water",), days=(9,), spread=6),
    Habit(Section.FIXED_BILL, "Internet and phones", _monthly("housing", 6), ("Northline Telecom",), days=(7,)),
    Habit(Section.FIXED_BILL, "Health insurance", _monthly("healthcare", 66), ("Meridian Health",), days=(3,)),
    Habit(Section.FIXED_BILL, "Car insurance", 1_775 // 12, ("Anchor Mutual",), days=(10,)),
    Habit(
        Section.DEBT_MINIMUM, "Car loan", _monthly("transportation", 40), ("Union Credit",), days=(8,),
        debt_balance=11_400, apr_basis_points=689,
    ),
    Habit(
        Section.DEBT_MINIMUM, "Student loan", _monthly("education", 96), ("Student Aid Servicing",), days=(20,),
        debt_balance=7_850, apr_basis_points=499,
    ),
    Habit(
        Section.DEBT_MINIMUM, "Credit card", 95, ("Juniper Card",), days=(22,),
        notes="Anything left over goes here first.", debt_balance=2_640, apr_basis_points=2149,
    ),
    Habit(
        Section.SINKING_FUND, "Emergency fund", 0, ("Savings account",), days=(28,), goal=15_000, opening_balance=4_200,
        notes="Three months of bills.",
    ),
    Habit(
        Section.SINKING_FUND, "Car repairs", _monthly("transportation", 9), ("Savings account",), days=(2,), goal=1_500,
    ),
    Habit(
        Section.SINKING_FUND, "Holidays", _monthly("entertainment", 45), ("Savings account",), days=(2,), goal=2_400,
        opening_balance=350,
    ),
    Habit(
        Section.SINKING_FUND, "Home and furniture", _monthly("housing", 9), ("Savings account",), days=(2,), goal=2_000,
    ),
    Habit(
        Section.FOOD, "Groceries", _monthly("food at home"),
        ("Marlow Market", "Green Basket", "Marlow Market", "Corner Bakery", "Harvest Co-op"), times=9, spread=35,
    ),
    Habit(
        Section.FOOD, "Eating out", _monthly("food away from home"),
        ("Saffron House", "Blue Door Coffee", "Pizzeria Lume", "Noodle Yard", "Canteen 12"), times=8, spread=45,
    ),
    Habit(
        Section.FOOD, "Household and care", _monthly("personal care") + _monthly("housing", 4),
        ("Fern Pharmacy", "Marlow Market", "Hair by Noor"), times=3, spread=30,
    ),
    Habit(Section.SUBSCRIPTION, "Films and series", 18, ("Lantern Video",), days=(4,)),
    Habit(Section.SUBSCRIPTION, "Music", 11, ("Wavelength",), days=(6,)),
    Habit(Section.SUBSCRIPTION, "Newspaper", _monthly("reading"), ("The Morning Ledger",), days=(14,)),
    Habit(Section.SUBSCRIPTION, "Gym", 42, ("Ironworks Gym",), days=(16,)),
    Habit(Section.OTHER, "Fuel", 2_449 // 12, ("Crossroads Fuel", "Route 9 Fuel"), times=4, spread=18),
    Habit(Section.OTHER, "Buses and parking", 44, ("City Transit", "Old Town Parking"), times=3, spread=40),
    Habit(Section.OTHER, "Doctor and dentist", _monthly("healthcare", 34), ("Dr. Okafor", "Bright Dental"), spread=60),
    Habit(
        Section.OTHER, "Clothes", _monthly("apparel and services"), ("Thread & Button", "Stride Shoes"), times=2,
        spread=40,
    ),
    Habit(
        Section.OTHER, "Going out", _monthly("entertainment", 35) + _monthly("alcoholic beverages"),
        ("Orpheum Cinema", "The Tin Whistle", "Museum of Maps"), times=4, spread=45,
    ),
    Habit(
        Section.OTHER, "Gifts and giving", _monthly("cash contributions"), ("Food Bank", "Paper & Ribbon"), times=2,
        spread=25,
    ),
)  # fmt: skip
"""In the order of the plan. The emergency fund's plan is what the rest leaves, so that the plan stands at zero."""

BALANCING = "Emergency fund"
DEBT_TARGET = "Credit card"
DESCRIPTIONS = {
    "Groceries": ("Weekly shop", "Bread and fruit", "For the weekend", None, None),
    "Eating out": ("Lunch", "Dinner with friends", None, None),
    "Clothes": ("Winter boots", "School clothes", None),
    "Doctor and dentist": ("Check-up", "Glasses", None),
    "Gifts and giving": ("Monthly donation", "Birthday present", None),
}
