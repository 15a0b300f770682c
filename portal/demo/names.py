"""Invented names. Nobody is meant."""

from random import Random
from typing import Final

SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN: Final = (
    "建国", "秀英", "伟", "芳", "敏", "静", "丽", "强", "磊", "洋", "艳", "勇", "军", "杰", "娟", "涛", "明", "超",
    "霞", "平", "刚", "桂芳", "志强", "海燕", "文博", "雨桐", "子涵", "晓梅", "国华", "玉兰", "思远", "佳怡", "振宇",
    "淑珍",
)  # fmt: skip
ENGLISH: Final = (
    "Daniel Whitmore", "Anna Lindqvist", "Peter Okafor", "Maria Castellan", "Thomas Brennan", "Julia Hartmann",
    "Samuel Adeyemi", "Clara Novotny", "Henry Tallis", "Irene Papas",
)  # fmt: skip


def chinese_name(throw: Random) -> str:
    return throw.choice(SURNAMES) + throw.choice(GIVEN)


def english_name(place: int) -> str:
    return ENGLISH[place % len(ENGLISH)]
