"""The zero amount, large: its tone in colour, sign and words, and where the income goes."""

from __future__ import annotations

from dataclasses import field

from nicegui import binding

from quartermaster.domain.money import Money
from quartermaster.domain.section import Group
from quartermaster.domain.zero_amount import Tone, tone
from quartermaster.ui.parts.tags import Tag, el

TONE_CLASS = {Tone.ZERO: "zeroed", Tone.UNASSIGNED: "unassigned", Tone.OVER: "over"}
TONE_SIGN = {Tone.ZERO: "✓", Tone.UNASSIGNED: "▲", Tone.OVER: "▼"}
PLAN_WORDS = {
    Tone.ZERO: "every unit has a job",
    Tone.UNASSIGNED: "income not yet assigned",
    Tone.OVER: "over budget",
}
MONTH_WORDS = {
    Tone.ZERO: "balanced to zero",
    Tone.UNASSIGNED: "income not yet applied",
    Tone.OVER: "more applied than came in",
}
LONG = 12
"""Characters of the figure up to which a phone has room for it at its full size."""
PARTS = ((Group.COMMITTED, "c1"), (Group.SAVINGS, "c2"), (Group.FLEXIBLE, "c3"))


@binding.bindable_dataclass
class HeroFace:
    """The hero's texts, ready to read."""

    figure: str = ""
    words: str = ""
    parts: list[str] = field(default_factory=list)
    rest: str = ""


class Hero:
    """`label` names the figure; `stats` are the small figures beside it, by label."""

    def __init__(self, money: Money, label: str, words: dict[Tone, str], rest: str, stats: tuple[str, ...]) -> None:
        self._money, self._words, self._rest = money, words, rest
        self.face = HeroFace()
        with el("section", "hero", aria_label=label):
            with el("div", "zero", role="status") as self._zero:
                el("small", text=label)
                el("b").bind_text_from(self.face, "figure")
                el("span").bind_text_from(self.face, "words")
            self._draw_bar()
            with el("div", "stats"):
                self._stats = {name: self._stat(name) for name in stats}

    def _draw_bar(self) -> None:
        with el("div", "alloc"):
            with el("div", "bar", aria_hidden="true"):
                self._bars = [el("i", colour) for _, colour in (*PARTS, (None, "c4"))]
            with el("div", "legend"):
                self._legend = []
                for _, colour in (*PARTS, (None, "c4")):
                    with el("span") as said:
                        el("i", colour)
                        self._legend.append((said, el("span")))

    @staticmethod
    def _stat(name: str) -> Tag:
        with el("div", "stat"):
            el("small", text=name)
            return el("b")

    def show(self, zero: int, income: int, groups: dict[Group, int], stats: dict[str, tuple[int, bool]]) -> None:
        """Minor units. A stat is (amount, whether it is itself a zero amount and takes a tone)."""
        mood = tone(zero)
        self.face.figure = self._money.format(zero, signed=True) if zero else self._money.format(0)
        self.face.words = f"{TONE_SIGN[mood]} {self._words[mood]}"
        length = " long" if len(self.face.figure) > LONG else ""
        self._zero.classes(replace=f"zero {TONE_CLASS[mood]}{length}")
        rest = max(zero, 0)
        amounts = [max(groups[group], 0) for group, _ in PARTS]
        whole = max(income, sum(amounts), 1)
        for bar, amount in zip(self._bars, [*amounts, rest], strict=True):
            bar.set(style=f"width:{amount * 100 / whole:.2f}%", hidden=None if amount else True)
        texts = [f"{group.title} {self._money.format(groups[group])}" for group, _ in PARTS]
        for (said, text), words in zip(self._legend, [*texts, f"{self._rest} {self._money.format(rest)}"], strict=True):
            text.set_text(words)
            said.set(hidden=None if words and (said is not self._legend[-1][0] or rest) else True)
        for name, (amount, is_zero) in stats.items():
            self._stats[name].set_text(self._money.format(amount))
            self._stats[name].classes(replace=TONE_CLASS[tone(amount)] if is_zero else "")
