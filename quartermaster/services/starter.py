"""A first plan to edit: the entries that most households have, with amounts that add up to zero."""

from __future__ import annotations

from quartermaster.domain.errors import Refused
from quartermaster.domain.section import Section
from quartermaster.services.demo import unit_of
from quartermaster.services.plans import add_plan_entry, plan_view
from quartermaster.storage.work import Work

ENTRIES = (
    (Section.INCOME, "Pay", 3_000, "Put in what reaches your account each month."),
    (Section.FIXED_BILL, "Rent or mortgage", 1_050, None),
    (Section.FIXED_BILL, "Electricity and heating", 130, None),
    (Section.FIXED_BILL, "Water and waste", 40, None),
    (Section.FIXED_BILL, "Internet and phone", 70, None),
    (Section.FIXED_BILL, "Insurance", 160, None),
    (Section.DEBT_MINIMUM, "Loan or card", 100, "The least you must pay each month. Delete it if you owe nothing."),
    (Section.SINKING_FUND, "Emergency fund", 200, "A little each month, until it would carry you for three."),
    (Section.SINKING_FUND, "Repairs and replacements", 80, None),
    (Section.SINKING_FUND, "Holidays", 90, None),
    (Section.FOOD, "Groceries", 450, None),
    (Section.FOOD, "Eating out", 120, None),
    (Section.FOOD, "Household and care", 60, None),
    (Section.SUBSCRIPTION, "Subscriptions", 40, None),
    (Section.OTHER, "Getting around", 150, None),
    (Section.OTHER, "Clothes", 60, None),
    (Section.OTHER, "Health", 60, None),
    (Section.OTHER, "Gifts and giving", 50, None),
    (Section.OTHER, "Fun money", 90, None),
)
"""Amounts in units a month, there to be overwritten."""


def fill(work: Work) -> None:
    """Write the starter plan. Refused when the plan has entries."""
    if not plan_view(work).is_empty:
        raise Refused("Your plan has entries already. The starter plan is for an empty one.")
    unit = unit_of(work.household().currency)
    for section, name, planned, notes in ENTRIES:
        add_plan_entry(work, section=section, name=name, planned=planned * unit, notes=notes)
