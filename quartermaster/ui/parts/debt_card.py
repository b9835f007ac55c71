"""The primary debt target's card: where spare money should go."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from nicegui.events import GenericEventArguments

from quartermaster.domain.month import MonthEntry
from quartermaster.domain.plan import PlanEntry
from quartermaster.ui.calls import Calls
from quartermaster.ui.icons import icon
from quartermaster.ui.parts.tags import VALUE, el


class DebtCard:
    """A choice among debts; where nothing may change, `choose` is None, and the target is only named."""

    def __init__(self, calls: Calls, choose: Callable[[UUID | None], Awaitable[object]] | None) -> None:
        self._calls, self._choose = calls, choose
        self._drawn: object = None
        self._target = ""
        with el("div", "debtcard"):
            icon("target", 20)
            with el("div"):
                el("label" if choose else "span", "h", "Primary debt target", for_="debt-target" if choose else None)
                self._hint = el("p", "dim", "" if choose else "Where spare money was to go.")
            self._choice = el("select", "in", id="debt-target").on("change", self._chosen, js_handler=VALUE)
            self._choice.set(hidden=None if choose else True)
            self._named = el("b", hidden=True if choose else None)

    def show(self, debts: Sequence[PlanEntry | MonthEntry], target: PlanEntry | MonthEntry | None) -> None:
        """Offer the debts that there are, and mark the one that is chosen."""
        said = (tuple((debt.id, debt.name) for debt in debts), target and target.id)
        if said == self._drawn:
            return
        self._drawn, self._target = said, str(target.id) if target else ""
        self._named.set_text(target.name if target else "No target")
        if self._choose is not None:
            self._offer(debts, target)

    def _offer(self, debts: Sequence[PlanEntry | MonthEntry], target: PlanEntry | MonthEntry | None) -> None:
        self._hint.set_text(
            "Spare money should go here first. It is a reminder: nothing is moved by itself."
            if debts
            else "Add a debt under Debt minimums, then choose it here."
        )
        self._choice.clear()
        with self._choice:
            # Said of the first one too: what was chosen by hand stays chosen while nothing else is.
            el("option", text="No target", value="", selected=True if target is None else None)
            for debt in debts:
                chosen = True if target is not None and debt.id == target.id else None
                el("option", text=debt.name, value=str(debt.id), selected=chosen)
        self._choice.set(disabled=None if debts else True)

    async def _chosen(self, event: GenericEventArguments) -> None:
        if self._choose is None:
            return
        with self._calls.told():
            await self._choose(UUID(str(event.args)) if event.args else None)
            return
        # It was refused: what is stored is the target still.
        self._choice.put(self._target)
