"""Cut the paper fonts out of Noto Serif CJK SC (OFL): python tools/make_fonts.py FOLDER_OF_THE_TTC_FILES.

Debian has the files in fonts-noto-cjk (/usr/share/fonts/opentype/noto). Regular keeps every ideograph that the
source has (all of GB 2312 and 通用规范汉字表, 20 971 of the first block, extension A, what there is of B to H), so
that names print; Bold keeps the fixed words of the papers. Needs fonttools; takes some minutes.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection

ROOT = Path(__file__).parents[1]
FONTS = ROOT / "volunteer" / "render" / "fonts"
PAPERS = ROOT / "volunteer" / "render" / "papers"
FACE = "Noto Serif CJK SC"
SIGNS = [
    range(0x20, 0x7F),
    range(0xA0, 0x180),
    range(0x2000, 0x2070),
    range(0x3000, 0x3040),
    range(0xFF00, 0xFFF0),
    [ord(sign) for sign in "℃№★☆□■①②③④✓—─〇−×·"],
]
IDEOGRAPHS = [range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0x20000, 0x40000)]
DIGITS_AND_GRADES = "0123456789.,ABCDE级小时年月日次合计：（）"


def cut(source: Path, target: Path, wanted: set[int]) -> None:
    """Write the wanted characters of the Chinese face of a collection as a font of its own."""
    collection = TTCollection(source)
    font = next(f for f in collection.fonts if f["name"].getDebugName(4).startswith(FACE))
    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14, 16, 17]
    options.notdef_outline = True
    options.glyph_names = False
    options.drop_tables += ["BASE", "VORG", "vmtx", "vhea", "GSUB", "GPOS", "GDEF", "DSIG"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted & set(font.getBestCmap()))
    cutter.subset(font)
    font.save(target)
    print(f"{target.name}: {len(font.getBestCmap())} characters, {target.stat().st_size} bytes")


def main() -> None:
    """Make both weights."""
    folder = Path(sys.argv[1])
    signs = {code for part in SIGNS for code in part}
    words = "".join(path.read_text(encoding="utf-8") for path in PAPERS.glob("*.typ"))
    bold = {ord(letter) for letter in words + DIGITS_AND_GRADES} | set(range(0x20, 0x7F))
    cut(folder / "NotoSerifCJK-Bold.ttc", FONTS / "NotoSerifSC-Bold.otf", bold)
    if "--bold-only" not in sys.argv:
        every = signs | {code for part in IDEOGRAPHS for code in part}
        cut(folder / "NotoSerifCJK-Regular.ttc", FONTS / "NotoSerifSC-Regular.otf", every)


if __name__ == "__main__":
    main()
