"""The primary debt target's card: where spare money should go."""

from __future__ import annotations

from uuid import UUID

from nicegui.events import GenericEventArguments

from quartermaster.services.plans import PlanView, set_plan_debt_target
from quartermaster.ui.calls import Calls
from quartermaster.ui.icons import icon
from quartermaster.ui.parts.tags import el

VALUE = "(e) => emit(e.target.value)"


class DebtCard:
    """A choice among the plan's debts."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._drawn: object = None
        with el("div", "debtcard"):
            icon("target", 20)
            with el("div"):
                el("label", "h", "Primary debt target", for_="debt-target")
                self._hint = el("p", "dim")
            self._choice = el("select", "in", id="debt-target").on("change", self._chosen, js_handler=VALUE)

    def show(self, view: PlanView) -> None:
        """Offer the debts that there are, and mark the one that is chosen."""
        said = (tuple((debt.id, debt.name) for debt in view.debts), view.debt_target and view.debt_target.id)
        if said == self._drawn:
            return
        self._drawn = said
        self._hint.set_text(
            "Spare money should go here first. It is a reminder: nothing is moved by itself."
            if view.debts
            else "Add a debt under Debt minimums, then choose it here."
        )
        self._choice.clear()
        with self._choice:
            el("option", text="No target", value="")
            for debt in view.debts:
                chosen = True if view.debt_target is not None and debt.id == view.debt_target.id else None
                el("option", text=debt.name, value=str(debt.id), selected=chosen)
        self._choice.set(disabled=None if view.debts else True)

    async def _chosen(self, event: GenericEventArguments) -> None:
        with self._calls.told():
            await self._calls.write(set_plan_debt_target, UUID(str(event.args)) if event.args else None)
