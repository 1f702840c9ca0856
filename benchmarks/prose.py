"""Invented articles in six languages: titles and HTML as weblogs and papers write it.

A random generator flows in, text flows out; the same generator state gives the same text.
Of about two thousand words a language each is the rarer the later it stands (Zipf), as in real news:
with a few dozen words all articles would tell of the same things.
"""

from __future__ import annotations

import itertools
import random

WORDS = {
    "en": (
        "river council bridge market hearing report station harbour budget weather singer minister house "
        "water company family school doctor winter music paper garden train number letter question answer "
        "morning evening people country village price change history science team player coach machine"
    ),
    "de": (
        "Brücke Fluß Stadtrat Markt Bericht Bahnhof Hafen Haushalt Wetter Sängerin Ministerin Haus Wasser "
        "Gesellschaft Familie Schule Ärztin Winter Musik Zeitung Garten Zug Zahl Brief Frage Antwort "
        "Morgen Abend Leute Land Dorf Preis Änderung Geschichte Wissenschaft Mannschaft Prüfung Größe"
    ),
    "fr": (
        "rivière conseil pont marché séance rapport gare port budget météo chanteuse ministre maison eau "
        "société famille école médecin hiver musique journal jardin train numéro lettre question réponse "
        "matin soirée gens pays village prix changement histoire science équipe élève théâtre façade"
    ),
    "es": (
        "río consejo puente mercado sesión informe estación puerto presupuesto tiempo cantante ministra casa "
        "agua empresa familia escuela médico invierno música periódico jardín tren número carta pregunta "
        "mañana tarde gente país pueblo precio cambio historia ciencia equipo niño año señal corazón"
    ),
    "ru": (
        "река совет мост рынок слушание отчёт вокзал гавань бюджет погода певица министр дом вода компания "
        "семья школа врач зима музыка газета сад поезд число письмо вопрос ответ утро вечер люди страна "
        "деревня цена перемена история наука команда игрок тренер машина"
    ),
    "ja": (
        "川 議会 橋 市場 公聴会 報告 駅 港 予算 天気 歌手 大臣 家 水 会社 家族 学校 医者 冬 音楽 新聞 庭 "
        "列車 番号 手紙 質問 答え 朝 夕方 人々 国 村 値段 変化 歴史 科学 仲間 選手 監督 機械"
    ),
}


def _with_compounds(words: list[str]) -> list[str]:
    """Return the words, and after them every two of them made one, in no telling order."""
    pairs = [first + second.lower() for first in words for second in words]
    random.Random(0).shuffle(pairs)
    return words + pairs


VOCABULARY = {language: _with_compounds(words.split()) for language, words in WORDS.items()}
LANGUAGES = tuple(VOCABULARY)
#: how often each word comes, added up: the word of rank n once in n
_SHARES = {
    language: list(itertools.accumulate(1 / rank for rank in range(1, len(words) + 1)))
    for language, words in VOCABULARY.items()
}
_SMALL = {"en": "the of and in", "de": "der und die in", "fr": "le et la de", "es": "el y la de"}
SMALL = {language: _SMALL.get(language, "").split() for language in LANGUAGES}


def make_title(chance: random.Random, language: str) -> str:
    """Return a headline of four to eleven words."""
    words = _words(chance, language, chance.randint(4, 11))
    title = ("" if language == "ja" else " ").join(words)
    return title[0].upper() + title[1:]


def make_html(chance: random.Random, language: str, site: str, characters: int) -> str:
    """Return HTML of about so many characters: paragraphs, links, pictures, lists, quotations."""
    parts: list[str] = []
    written = 0
    while written < characters:
        part = _block(chance, language, site)
        parts.append(part)
        written += len(part)
    return "\n".join(parts)


def make_sentence(chance: random.Random, language: str) -> str:
    """Return one sentence."""
    words = _words(chance, language, chance.randint(7, 20))
    if SMALL[language]:
        words = [
            x
            for word in words
            for x in ((chance.choice(SMALL[language]), word) if chance.random() < 0.4 else (word,))
        ]
    text = ("" if language == "ja" else " ").join(words)
    return text[0].upper() + text[1:] + ("。" if language == "ja" else ".")


def _words(chance: random.Random, language: str, count: int) -> list[str]:
    return chance.choices(VOCABULARY[language], cum_weights=_SHARES[language], k=count)


def _block(chance: random.Random, language: str, site: str) -> str:
    kind = chance.random()
    text = " ".join(make_sentence(chance, language) for _ in range(chance.randint(1, 4)))
    number = chance.randint(1, 99_999)
    if kind < 0.62:
        return f"<p>{text}</p>"
    if kind < 0.78:
        link = f'<a href="{site}/tag/{number}" class="more" rel="noopener">{make_title(chance, language)}</a>'
        return f"<p>{text} {link} &amp; &#8220;{make_sentence(chance, language)}&#8221;</p>"
    if kind < 0.86:
        address = f"{site}/media/{number}.jpg"
        alt = make_title(chance, language)
        return f'<figure><img src="{address}" alt="{alt}" width="640" height="360" loading="lazy"/></figure>'
    if kind < 0.93:
        items = "".join(f"<li>{make_sentence(chance, language)}</li>" for _ in range(3))
        return f"<ul>{items}</ul>"
    if kind < 0.97:
        return f"<blockquote><p>{text}</p></blockquote>"
    return f'<h3 style="margin:0">{make_title(chance, language)}</h3>\n<p><em>{text}</em></p>'
