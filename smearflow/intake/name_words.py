"""What words in the names of images are about, in lower case: a person, a photograph, a cell."""


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


# By how surely one person is meant: a slide is of one, who may have several.
TELLING = {
    **dict.fromkeys(
        _words(
            "patient patients pat patientid pid person subject subj sub sbj participant individual",
            "proband volunteer child donor paciente sujet sujeto",
        ),
        0,
    ),
    **dict.fromkeys(_words("case caso cas specimen"), 1),
    **dict.fromkeys(_words("slide smear lamina lame frottis"), 2),
}
# These mean a person or something else: they are believed where nothing speaks against it.
PERHAPS = _words("p pt pa s sl id sample")
PHOTOGRAPH = _words(
    "f fov field fld fd img image images im photo picture pic pict view frame position pos snap",
    "snapshot capture scan shot dsc dscn dscf sam gopr gh mvi cimg hpim wp pxl vid screenshot",
    "series experiment tile region area file",
)
CELL = _words(
    "cell cells rbc wbc crop patch roi obj object bbox box n no nr num number idx index seq count",
    "instance k",
)
# Places in a picture, other pictures of the same, parts of a set: numbers that tell nobody.
_OTHERS = _words(
    "x y z t w h r row col column ch channel plane page level layer stack slice scale mag um px",
    "size well v ver version fold set split part class label cls stage rep replicate score prob",
    "conf year month hour min sec",
)
# Altered copies of an image: what stands behind tells nothing either.
ALTERED = _words(
    "aug augment augmented augmentation flip flipped hflip vflip fliplr flipud rot rotate rotated",
    "rotation blur noise bright brightness contrast zoom shear shift copy kopie mirror mirrored rf",
    "orig original hue gamma transformed synthetic",
)
SIDES = _words("train training test testing val valid validation dev eval")
# Places and times of work: whoever numbers people there may start at 1 again.
PLACES = _words(
    "site hospital lab laboratory center centre clinic study cohort batch day week box tray plate",
    "run session group district village country microscope camera",
)
NOBODY = PHOTOGRAPH | CELL | _OTHERS | ALTERED | SIDES | PLACES
KNOWN = frozenset(TELLING) | PERHAPS | NOBODY
