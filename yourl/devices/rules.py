"""The table of device rules: what makers really send, one line a kind, with the reason beside it.

Data only; `yourl.devices.user_agents` applies it. To add a device, add a line here and a case to
`tests/devices/cases.py`. Within one type and place the lines do not contradict each other, so their order
does not matter; the order of types is in `yourl.devices.user_agents`.

- `type` is the device class that a match means.
- `look` is where the pattern is searched: "text" anywhere in the user agent, "model" at the beginning of
  the model name (a leading maker's name is skipped), "in model" anywhere in the model name, "build" anywhere
  in a user agent whose model no rule knows.
- `strength` says what a match is worth. "strong": it decides alone. "weak": it decides unless the user agent
  names a person's PC, phone or tablet. "likely": as weak, but where a "supporting" rule of the same type
  matches too, it decides alone; a supporting rule means nothing by itself. Refusing a person is worse than
  showing a page to a TV or a program, so a rule for tv, xr, car or bot that may match a person's device must
  not be strong. For the classes pc and phone, weak means: searched last.
- `pattern` is a regular expression over lower-case text. It takes linear time: no repeat inside a repeat,
  and every repeat has an upper bound.
- `reason` ends a sentence that quotes the match.

Sources are what makers publish: Google's list of devices certified for Play (brand, name, model), Apple's
and Samsung's model numbers, the user agents that HbbTV (ETSI TS 102 796), CE-HTML and the makers of TV
sets document.
"""

from __future__ import annotations

from dataclasses import dataclass

LOOKS = ("text", "model", "in model", "build")
STRENGTHS = ("strong", "likely", "weak", "supporting")


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table."""

    type: str
    look: str
    pattern: str
    reason: str
    strength: str = "strong"


def _rules(type_: str, look: str, *lines: tuple[str, str], strength: str = "strong") -> tuple[Rule, ...]:
    """Rules of one type, place and strength: pattern and reason."""
    return tuple(Rule(type_, look, pattern, reason, strength) for pattern, reason in lines)


#: Screen diagonals in inches that TV sets come in.
_TV_INCHES = r"(?:19|2[248]|3[12569]|4[0236789]|5[0158]|6[05]|7[057]|8[2356]|98)"

RULES: tuple[Rule, ...] = (
    # Watches. Apple's and Google's systems name themselves, and Samsung's numbers are read anywhere.
    *_rules(
        "watch",
        "text",
        (r"watch ?os\b|apple ?watch\b", "the name of Apple's watch or its system"),
        (r"\bwatch\d{1,2},\d", "the model number of an Apple Watch, as watchOS sends it"),
        (
            r"\b(?:huawei|honor|xiaomi|redmi|oneplus|oppo|pixel|galaxy|realme|vivo) ?watch(?![a-z])",
            "a watch's name, as its maker writes it",
        ),
        (r"\bfitbitos\b|\bpebble(?:os|time|/)", "the system of a watch"),
        (r"watchapp\b|watchkit", "the part of an app that runs on a watch"),
        (r"\bgarmin (?:fenix|forerunner|venu|vivo|epix)", "the name of a Garmin watch"),
        (r"\b(?:wear ?os|android wear)\b", "Google's system for watches"),
        (r"\(wearable; ?openharmony", "as Huawei's system names a watch"),
        (
            r"build/[l-z]w[a-z][0-9a-z]{1,3}\b",
            "a build of Android's watch branch: its second letter is W, where phones have R, P, Q or K",
        ),
        (r"\bsm-r(?:3[5-9]|[5-9]\d)\d", "Samsung's numbers for Gear and Galaxy Watches"),
        (r"\bsm-l\d{3}", "Samsung's numbers for watches since the Galaxy Watch7"),
        (r"手表|手錶|\bdz09\b|smart ?band\b", "the word for a watch"),
    ),
    # Wear OS, Tizen and HarmonyOS watches by the numbers and names their makers give them.
    *_rules(
        "watch",
        "model",
        (r"sm-v700|gear (?:live|s\d?|fit|sport)\b", "a Samsung Gear"),
        (r"moto ?360|motorola-f100|motoactv", "a Motorola watch"),
        (r"leo-(?:bx9|dlxx)|mercury-g0", "a Huawei Watch 1 or 2"),
        (r"(?:gll|arc|mds|rts|asn)-al\d\d", "a Huawei watch with its own SIM"),
        (r"[a-z]{3}-b[0-3]9s?\b", "Huawei and Honor number wearables -B09 to -B39"),
        (r"ow(?:19|2\d)w\d|oww[a-z]?\d{3}|opww", "OPPO's and OnePlus's watch numbers"),
        (r"m2\d{3}w\d|xmwt", "Xiaomi's numbers for watches end in W and a digit"),
        (r"wa2\d{3}[a-z]?$|rmw\d{4}", "vivo's and realme's watch numbers"),
        (r"lg-w[123]\d\d|lm-w\d{3}", "LG's numbers for watches"),
        (r"wi50[0-9][a-z]|swr50|nb runiq|wear24|zte w1010", "the number or name of a Wear OS watch"),
        (r"wsd-f\d|gsw-h\d|polar m600|suunto|tag heuer", "a maker of sports watches"),
        (
            r"(?:razer x )?fossil|skagen|falster|misfit|diesel|michael kors|emporio|kate spade",
            "a Fossil Group brand",
        ),
        (
            r"q (?:founder|wander|marshal|explorist|venture|sport|grant|nate|control)|gen [4-9]e?\b|mk ?go\b",
            "a Fossil Group watch",
        ),
        (
            r"(?:bradshaw|dylan|grayson|runway|sofie|lexington|julianna|riley touch|ea connected"
            r"|ax connected|fadelite|scallop|alberto|full guard|axial|vapor)(?: hr| 2| x|screen)?$",
            "a Fossil Group watch",
        ),
        (
            r"mb summit|summit (?:lite|2|3)|movado|stargazer|boss touch|th 24/7|tambour|big bang e|(?:guess"
            r"|gc) connect|cz smart|nixon|tory ?track",
            "a fashion house's Wear OS watch",
        ),
        (r"amazfit|huami|fitbit|garmin (?:fenix|forerunner|venu|vivo|epix)", "a brand that makes watches"),
        (r"sdk_gwear|sdk_google_aw", "Google's emulator of a watch"),
        (r"thor (?:s|[3-6]|pro|dual|ultra)\b", "a Zeblaze watch"),
        (
            r"(?:dm(?:19|20|28|30|50|98|99|100|101|368)|kw(?:88|98|99)|kc0[3-9]|gw(?:01|1[02])|les\d|s999"
            r"|x5 air|d6w|d7w)\b",
            "the number of a watch that runs Android",
        ),
        (r"connected (?:modular|calibre)|carlyle\b|hublot", "a watchmaker's Wear OS watch"),
        (r"aw-4[12]\d(?:\.|$)", "an early Android watch"),
        (r"mt4[0-8][a-z]{0,2}$|x\d call\d?$", "the name of a children's watch"),
        (r"h1-c\b", "the number of a watch that runs Android"),
    ),
    # Watches that run a phone's Android and differ from one by their name, children's among them.
    *_rules(
        "watch",
        "in model",
        (r"(?<!life)watch", "a name that says watch"),
        (r"\blem ?(?:\d{1,2}|[xt])\b|\blem\d|lemfo", "a Lemfo watch running Android"),
        (
            r"appllp|lokmat|kospet|zeblaze|rollme|finow|makibes|iradish|ticwris|rogbid|uwear"
            r"|tickwris|microwear|diggro|allcall (?:w\d|awatch)|smawatch",
            "a brand that makes watches",
        ),
        (r"zgpax|ourtime|\bomate|truesmart|neptune pine|irist\b", "an early Android watch"),
        (
            r"\bimoo|xplora(?:[ _-]|$)|kidphone|elari|geozon|wonlex|aimoto|\bmyki\b|\bxtc\b|\banio ?\d"
            r"|my ?first fone",
            "a children's watch brand",
        ),
        (r"oysterphone|kidizoom|little genius|\bxgo[23]\b", "the name of a children's watch"),
    ),
    # Programs that no person watches. Model names are not searched for these.
    *_rules(
        "bot",
        "text",
        (
            r"(?<!cu)(?<=[a-z0-9_])bots?(?:\b|_\d|\d\.)|\bbots?(?:/|$)|botcollector",
            "as crawlers name themselves",
        ),
        (r"crawl|spider|robot|scrap(?:er|y|ing)\b|slurp", "as crawlers name themselves"),
        (
            r"compatible;(?! msie)[^)]{0,120}(?:https?://|mailto:)|mailto:",
            "a contact address, as crawlers send",
        ),
        (r"\d (?:subscribers?|readers)\b", "the number of people that a feed is collected for"),
        (r"headless|phantomjs|selenium|puppeteer|playwright", "a browser run by a program"),
        (
            r"lighthouse|pagespeed|gtmetrix|pingdom|catchpoint|uptime|synthetic|\bptst/|siteimprove",
            "a program that monitors sites",
        ),
        (
            r"^(?:curl|wget|libwww|lwp|python|aiohttp|httpx|scrapy|java|jakarta|apache-|go-http|okhttp"
            r"|axios|undici|deno|php|guzzle|ruby|faraday|rest-client|restsharp|postman|insomnia"
            r"|httpie|perl|reqwest|grpc|winhttp|powershell|ansible|k6|vegeta"
            r"|nmap|masscan|zgrab|nikto|sqlmap)[^a-z]",
            "a library or a command-line tool",
        ),
        (
            r"^(?:postman|guzzle)|python-requests|urllib|http-?client|httpclient|libwww-perl",
            "an HTTP library",
        ),
        (
            r"\bgoogle-(?!tv|podcast)|-google\b|google (?:web preview|favicon)|mediapartners|googlehc",
            "a program of Google's",
        ),
        (r"facebook(?:external|platform|catalog)|meta-external", "a program of Meta's"),
        (r"bingpreview|msnbot|adidxbot|yandex\.com|\byandex(?!search|\b)", "a search engine"),
        (
            r"(?:link|url|page|site)[ _-]?(?:preview|check|expand|inspect|scan|valid)|validator|prerender"
            r"|archiver|(?:feed|product) ?finder",
            "a program that previews or checks pages",
        ),
        (
            r"check(?:er|ing)(?:/|$)|\w(?:inspector|monitor|observatory|auditor)(?:/|$)|networkmeasurement",
            "a program that checks or monitors sites",
        ),
        (r"\b(?:kube-probe|health-?check|healthcheck|elb-|blackbox)", "a health check"),
        (r"feedfetcher|feed ?parser|simplepie|magpie|bloglines", "a program that collects feeds"),
        (
            r"transcoder|nutch|heritrix|zgrab|nessus|nikto|sqlmap|\bburp|w3c_|arachni",
            "the name of a known tool",
        ),
    ),
    # Signs that readers, podcast apps and other programs of a person share with crawlers.
    *_rules(
        "bot",
        "text",
        (r"\bhttps?://|@[a-z][\w-]{1,40}\.[a-z]|\(at\)|\bwww\.[a-z]", "a contact address, as crawlers send"),
        (
            r"\b(?:monitor(?:ing)?|scan(?:ner|ning)?|survey|inspect(?:or)?|probe|fetch(?:er)?|checker)\b",
            "a program that checks or monitors sites",
        ),
        (r"rss ?reader", "a program that collects feeds"),
        (r"^google(?!podcast)", "a program of Google's"),
        (
            r"^(?:go |node|got|bun|dart|rust|hyper|hey|siege|wrk)(?<! )[^a-z]|^go ",
            "a library or a command-line tool",
        ),
        strength="weak",
    ),
    # Headsets and glasses.
    *_rules(
        "xr",
        "text",
        (r"oculus|\bmobile vr\b|wolvic|firefox reality", "a headset's browser"),
        (r"visionos|apple ?vision|realitydevice\d", "Apple's headset"),
        (r"hololens|picobrowser|vivebrowser|magic ?leap|\bhelio/|android ?xr", "a headset's system"),
    ),
    *_rules(
        "xr",
        "model",
        (r"quest(?: [2-9]s?| pro)$|pacific$|meta quest", "a Meta headset"),
        (r"pico[ _-]?(?:neo|g\d|4|ultra|u)|lynx-r|vive (?:focus|flow|xr)", "the name of a headset"),
        (r"sm-r32\d|sm-i6\d\d", "a Samsung headset, not a watch"),
        (r"glass [12e]|vuzix|realwear|t1[12]00g|moverio|xreal|nreal|rokid", "smart glasses"),
        (r"dpvr|vr[lhm]\d{2}$", "a headset by its name"),
    ),
    *_rules(
        "xr",
        "model",
        (r"[a-z]{3,10} vr(?:$|-| \d)", "a headset by its name"),
        strength="weak",
    ),
    # Cars and the head units built into them.
    *_rules(
        "car",
        "text",
        (r"\btesla/|qtcarbrowser|android automotive|infotainment|carbrowser", "the system of a car"),
        (r"rear seat|mbux|polestar(?! phone)|\bgm ?info3|headunit|head unit", "the system of a car"),
    ),
    *_rules(
        "car",
        "model",
        (
            r"aosp on ihu|yt[579]\d{3}[a-z]|8227l|ultraocta|quad-core (?:t3|r16)|octa-core|teyes|aivi-|kzcar"
            r"|jin tu",
            "the name of a car's head unit",
        ),
    ),
    *_rules(
        "car",
        "text",
        (r"\bivi\b", "the system of a car"),
        strength="weak",
    ),
    *_rules(
        "car",
        "model",
        (r"cc[23]l?\b.?teyes|px[3-6]\b|mpc-1\d\d", "the name of a car's head unit"),
        strength="weak",
    ),
    # TV sets, the boxes and sticks that feed them, and the consoles that use them as a screen.
    *_rules(
        "tv",
        "text",
        (r"hbbtv|ce-html|\(dtv\)|hybridcast|freeview|ohtv|\bfvc/\d", "a broadcast standard"),
        (r"smart[-_ ]?tv|smart ?hub|maple[ _]?20|\btizen/tv", "as TVs name themselves"),
        (r"web0s|webos\.tv|netcast|lg ?simplesmart|\blg browser/|chr0me", "an LG TV"),
        (
            r"\bviera|panasonic\.(?:bd|tv)|digaplus|aquosbrowser|aquos-as|philipstv",
            "a maker's name for its TVs or their browser",
        ),
        (r"bravia|sonycebrowser|sonydtv|inettvbrowser|nsz-gs|bdplayer|blu-?ray", "a TV or player"),
        (r"netrange|\bnettv/|_tv_|tvbrowser|\btbrowser/|\bomi/\d|espial|nuanti|directfb", "a TV browser"),
        (r"vidaa|titanos|tivoos|smarttva|vizio|whaletv|foxxum|zeasn|vewd", "the name of a TV platform"),
        (
            r"\broku\b|roku(?:/|\d{4})|apple ?tv|\btvos\b|google ?tv|android ?tv|andr0id|youview",
            "the name of a TV platform",
        ),
        (
            r"\bcrkey|chromecast|; aft[a-z0-9]{1,10}(?=[ );])(?! build/lmy)|amazon;aft|smarttv_aft",
            "a stick or box",
        ),
        (
            r"brightsign|kreatv|gw-device|google fiber|cinnamon/|sigmadesigns|iptv|tivimate|\(linux (?:mips"
            r"|sh4)|opera/9\.80 \(linux armv|sagemcom_broadband",
            "a set-top box",
        ),
        (r"\bstb\b|set-?top|settop|tv ?box\b|webtv|boxee|freebox|dune ?hd|\bmag\d{3}\b", "a set-top box"),
        (r"wv-atv", "as TVs' browsers say"),
        (
            r"build/[p-z]t[a-z0-9]{0,2}[.;)]|build/ntg",
            "a build of Android's TV branch: its second letter is T",
        ),
        (r"playstation|xbox|nintendo|ouya|shield android", "a games console"),
    ),
    *_rules(
        "tv",
        "text",
        (r"\btv\b", "as TVs and their browsers say"),
        (r"\bps[2-5]\b", "a games console"),
        (r"build/rd2a\.", "a build that TVs have"),
        strength="weak",
    ),
    # Builds of Android that TVs have shipped with, and of phones only those whose models are known.
    *_rules(
        "tv",
        "build",
        (
            r"build/(?:ppr2\.|m5c14j|nmf26q|nhg47l|opr5\.|mhc19j|nrd91n|ntg|tp1a\.220905\.004\.a2)",
            "a build that TVs have",
        ),
    ),
    *_rules(
        "tv",
        "text",
        (r"\barm;|build/(?:rp1a\.200720\.011|ppr1\.|qp1a\.191105\.004|pi\b)", "a build that many TVs have"),
        strength="supporting",
    ),
    *_rules(
        "tv",
        "model",
        (r"mitv|mibox|mi ?box|hitv-|hismart|beyondtv|aquos[-_]tv|ai pont|atv r\d", "the name of a TV or box"),
        (r"tpm1\d\d[a-z]|q[mv]1\d\de\b|diw\d{3}|sti\d{4}|kstb\d", "a TV or set-top box by its number"),
        (r"sei\d{3}|dv\d{4}|b86\d\b|zxv10|wetek|minix|neo-[uxz]\d|neo u\d", "a set-top box"),
        (
            r"rombica|vontar|beelink|mecool|ugoos|tanix|zidoo|nexbox|evpad|formuler|wiwa|gt-?king|pendoo"
            r"|vega s95|nexon|ozonehd|selenga|movix|yndx-0\d{4}",
            "a maker of TV boxes",
        ),
        (r"(?:as4k|gt-b9150|mag\d{3}a?|xds\d{2,4}|iconbit (?:movie|toucan|x))\b", "a TV box or stick"),
        (
            r"hty-|ct-8\d{3}|mnbp-|matador|dreamstar|gtx-r\d|tle-\d\d|kant-\d|atom-\d\d\d[a-z]",
            "the name of a TV or box",
        ),
    ),
    # Short numbers and names that phones may have too.
    *_rules(
        "tv",
        "model",
        (
            r"(?:x88|x92|x96[-_ ]?(?:max|mini|mate|air|q|s|h)|h96|t95|a95x|mxq|mx9|m8s|tx[36]|tx9s|km[3-9]"
            r"|km2\d|kd[1-5]|hk1|q96)(?!\d)",
            "the name of a TV box or stick",
        ),
        (
            r"(?:vim[1-4]|mk80\d|rkm|m9s(?:[- ]pro|$)|r6[89]|as_?4k|rk3[235]\d\d|s905|s912|tx9|kii pro|qbox"
            r"|a5x|i96|m96x|u2c|x99\b|z69|nv\d{3}w|atom-\d|vmp-0|abx-\d|tf500|cvte)",
            "the number of a TV box",
        ),
        (
            r"dolamee|dangcap|amaze ax|orbsmart|technosat|skystream|perfeo_pf|invin|nogapc|gi (?:uni|itv)"
            r"|transpeed|pipo_x|10moons|superbox|hiremco|yundoo|sunwell|sunvell|egreat|himedia|matricom"
            r"|scishion|bqeel|leelbox|docooler|eny|measy|tronsmart|probox|zgemma|amiko|strong srt|qviart"
            r"|eagle (?:elite|gold)"
            r"|magicsee|alfawise|bomix|csa9\d|em95|hako|kinhank|l8star|smartx|tronfy|tvip|wechip|yoka",
            "a maker of TV boxes",
        ),
        strength="weak",
    ),
    # TV sets are numbered by the inches of their panel: 43LEX-7246, U55H8000, TF-LED40S19.
    *_rules(
        "tv",
        "model",
        (_TV_INCHES + r"[a-z]{1,3}\d{2,4}[a-z]", "a number that begins with a TV's inches"),
    ),
    *_rules(
        "tv",
        "in model",
        (r"led[ -_]?" + _TV_INCHES + r"|" + _TV_INCHES + r"led|\boled|\bqled|(?<!7)uhd", "a TV panel"),
        (
            r"tdtv\d\d|tv ?stick|\b(?:[248]k|[uf]?hd|smart|media|led) ?tv\b|\batv\d{3}|android monitor",
            "a name that says TV",
        ),
        (
            r"(?:smart|net|link|media|android|stream|cable|sber|play)[-_ ]?box(?:\b|_)|\bstb[-_ ]?\d",
            "the name of a TV box",
        ),
    ),
    *_rules(
        "tv",
        "in model",
        (
            r"(?<![a-z0-9])[a-z]{0,3}"
            + _TV_INCHES
            + r"(?:[a-z]{2,5}[-_ ]?\d{2}|[a-z]\d{2}[a-z]{2}|[a-z]{2}-[a-z]{3}|[a-z]{3,6}\d"
            + r"|[a-z]{1,2}\d{3,4})",
            "a number that contains a TV's inches",
        ),
        (r"(?<![a-z])shell(?![a-z])|t2c?sm?\b|fundroid|msd\d{3}", "the panel's number in a TV"),
        strength="likely",
    ),
    *_rules(
        "tv",
        "in model",
        (
            r"(?<!d)tv\b|(?<![a-z])tv[\d_]|_tv(?!_)|\batv|\bmdtv\b|\dkd?tv\b"
            r"|(?<!era )(?<![a-z0-9])[248]k(?![a-z0-9])|xds\d{2}4k",
            "a name that says TV",
        ),
        (r"(?<!tur)box(?:\b|_|s?\d)|\bstick\b|dongle|\bstb|\bott\b", "the name of a TV box or stick"),
        strength="weak",
    ),
    # Tablets and e-readers. Browsers on Android tablets omit "Mobile"; these rules are for the rest.
    *_rules(
        "tablet",
        "text",
        (r"(?<![a-z])ipad|\bipd\d", "Apple's tablet"),
        (r"yasearch[^ ]{0,30}/apad|/apad\b", "as Yandex's apps mark a tablet"),
        (
            r"playbook|touchpad|hpwos|htc[_ -]flyer|windows nt 6\.[23]; arm;(?!.{0,40}wpdesktop)|rim tablet"
            r"|tablet ?os\b|webos/[3]",
            "a tablet's system",
        ),
        (
            r"kindle|pocketbook|tolino|\bkobo|nook\b|echo_show|cybook|onyx ?boox|\bboox|e-?reader",
            "an e-reader",
        ),
        (r"\btablet\b(?! pc)", "a browser that says tablet"),
        (r"android 3\.[0-2]", "the Android that was made for tablets only"),
        (r"macintosh;.{0,60}\) {1,3}mobile/", "a Mac that says Mobile, as web views on an iPad do"),
        (r"\bkf[a-z]{2,6} build|; kf[a-z]{2,6}\)", "Amazon's numbers for Fire tablets"),
    ),
    # Numbers and names of series, for the apps and browsers that say "Mobile" on a tablet, or nothing.
    *_rules(
        "tablet",
        "model",
        (r"sm-[tpx]\d{2}|gt-p\d{4}|gt-n(?:51|80)\d\d", "Samsung's numbers for tablets"),
        (r"(?:sch-i[789][012]5|sgh-t(?:779|8[4-6]9)|sgh-i(?:467|497|9[58]7))\b", "a Galaxy Tab"),
        (r"shw-m(?:180|3[08][05]|4[38][0-6]|500)|shv-e(?:140|150|230)|sph-p[156]00", "a Galaxy Tab"),
        (r"tb-?\d{3,4}|tb\d?-?[xjq8]\d|yt-?[a-z]?\d|yb-?\d|idea ?(?:tab|pad)", "Lenovo's tablets"),
        (r"b[68]0[0-9]0|s[56]000|a(?:10-[37]0|7-[1-5]0|3[035]00|5500|7600)", "Lenovo's tablets"),
        (r"[a-z]{3,4}\d?-w\d\d", "Huawei's and Honor's mark for Wi-Fi without telephone"),
        (
            r"(?:ag[srmk][k2-6]?|bah\d?|bg2|btv|cmr|cpn|dby\d?|fdr|got|jdn\d?|kob\d?|mon|mrx|mrr|scmr?|sht"
            r"|vrd|wgr|bzt\d?|eln|jms|ndl|krj\d?|kob2k|brt|agm3|hey\d?|gdi|rod\d?|bgo)-[adlw]",
            "Huawei's and Honor's letters for tablets",
        ),
        (r"t1-\d|s7-\d|s10-\d|m2-[a8]|x[12]-7", "a Huawei MediaPad"),
        (r"kf[a-z]{2,6}\b|nexus (?:7|9|10)\b|pixel c\b", "a Fire or Nexus tablet"),
        (
            r"sgp\d|[a-z]{2}t(?:01|21|22|3\d)\b|lg-p\d{3}l\b|lg-v\d|lm-t\d|vk(?:410|81[05])|lg-?uk\d",
            "a number that the maker gives tablets",
        ),
        (r"k0\d\d$|k0\d\d_|p0[0-2]\d|asus_p\d|tf\d{3}|me\d{3}[a-z]", "Asus's tablets"),
        (
            r"[ab][13]-[a7-9]\d{1,2}|venue|streak 7|at\d{3}$|nxa\d|nx\d{3}(?:qc|hi|hd)|touchpad",
            "the name of a series of tablets",
        ),
        (
            r"2\d{3,4}[0-9a-c]?rp[a-z0-9]|m2105k81|opd\d{4}|rmp\d{4}|pa2\d{3}$",
            "Xiaomi, OPPO, realme or vivo pads",
        ),
        (
            r"(?:8(?!050)[04][5-9]\d|90(?!0[128])[0-4]\d|90[68]\d|91[3-6]\d|946\d)[a-z]?(?:_|\d?$)",
            "Alcatel's and TCL's",
        ),
        (
            r"pm[tp]\d{3,4}|rmd-?\d|tz\d{2,3}|bq(?:ru)?-(?:7|8|9|1)\d{3}|rct\d|p?mid[a-z]{0,2}[-_ ]?\d"
            r"|tf-mid|nt-(?:0[789]|10)\d\d|tm-mid|plt\d{4}|ct\d{3}[gw]|lc0\d{3}|qs97|teo\d",
            "numbers that the makers give tablets",
        ),
        (
            r"archos (?:70|79|80|89|90|97|101|116|133|156)|an(?:7|8|9|10)[bcd]?g\d|arnova",
            "the name of a series of tablets",
        ),
        (
            r"bntv|bnrv|ona19tb|100\d{6}(?:-[a-z])?$|hp (?:7|8|10|slate)|htc[ _-](?:flyer|a10[0-3]|p[57]1\d)"
            r"|f-(?:01d|05e|02f|03g|04h|02k)\b",
            "the name of a series of tablets",
        ),
        (
            r"(?:sony ?)?so-(?:03e|05[fg])\b|nokia t\d\d|sony ?sgp|ypy|positivo ypy|\d{2}tl0\d|surface duo",
            "the name of a series of tablets",
        ),
        (
            r"(?:tecno|itel|infinix) (?:p[79]0|7c|dp|it1[67]0|p100|x11)|one touch (?:t|evo)",
            "the name of a series of tablets",
        ),
        (
            r"u\d{1,2}gt|iplay|iwork|vi(?:7|8|10)(?:\b|pro)|cw-|hi(?:8|9|10)\b|v\d{2,3}hd|novo ?\d|momo",
            "a Chinese tablet",
        ),
        (
            r"x(?:80|98) ?(?:air|pro|plus|power)|p(?:80|85|25|40)\w{0,4}_(?:eea|row)|ramos ?[iw]\d|irulu"
            r"|cat ?nova|vankyo|readboy|nxm\d|t\d\d-eea|rt3\b",
            "a Chinese tablet",
        ),
        (
            r"m(?:fc|pdc|pqc)\d{2,3}|gem-?7\d\d|wave-? ?i\d|numy|kurio|nabi|element (?:7|8|9|10)|lavie t",
            "the name of a series of tablets",
        ),
        (
            r"nomi[_ ]c(?:0[78]|10)\d{4}|c(?:0[78]|10)\d{4}$|tm-(?:7|8|9|10)\d{2,3}|iball|ubislate|ib_slide",
            "the name of a series of tablets",
        ),
        (
            r"m-s?mp\d|m[78][-_]?3g|m7sqc|x_?tigi_(?:joy|hope)|(?:joy|hope) ?[78]|mc_(?:darwin|faust|gama)"
            r"|compaq [78]",
            "the name of a series of tablets",
        ),
        (
            r"kaicloud|informer|ccit a|andromeda|freeme|xelio|ceros|odys[ _-]|quantum_(?:2_)?(?:7|8|10)"
            r"|micromax p\d|celkon ct",
            "the name of a series of tablets",
        ),
        (
            r"bq (?:curie|elcano|maxwell|edison|livingstone|kelvin|pascal|tesla)|livingstone|mito t|sencor"
            r"|pixus|pluri_|woxter|ginzzu[ _]gt-|supra m\d|verykool ?t|zte[ -](?:k9|t10)",
            "the name of a series of tablets",
        ),
    ),
    *_rules(
        "tablet",
        "in model",
        (
            r"(?<!cool)(?<!s)pad(?!fone|phone|ua)|(?<![a-z])tab(?!u|le\b)|[a-z]tab(?:\b|_|\d)|tablet",
            "a tablet by name",
        ),
        (r"\bkids?\b|kids?pad|kidstab|wi-?fi\b|\bebook|e-?reader|mediapad", "a tablet by name"),
        (r"slate|xoom|ellipsis|iconia|transformer|\bplane[ _]|optima|\bciti[ _]", "a tablet's name"),
        (r"(?<![\d.])(?:7|7\.85|8|9\.7|10|10\.1|11|12)(?:\.\d)? ?(?:inch|\"|'')", "a size in inches"),
        (r"(?<![\d.])(?:7|8|9|10)(?:\.\d{1,2})?[ _]?3g", "a size in inches and 3G, as on tablets"),
    ),
    # Desktop systems. They are searched last, because TVs, bots and Windows phones name one too.
    *_rules(
        "pc",
        "text",
        (
            r"windows|\bmicrosoft[- ]|\bwin\b|\bwin ?(?:[37]|8|10|11|16|32|64|nt|9[58x]|2000|xp|vista|me\b)"
            r"|\bwow64|\.net clr|\bmsie \d|trident/|reactos|\bms-?dos\b|\bwinnt",
            "a desktop system",
        ),
        (
            r"macintosh|\bmac ?os|macbook|imac\d|macmini|mac ?pro|\bmac\d\d,|\bos ?x\b|\(x86_64\)|\(i386\)"
            r"|mac_?powerpc|powermac|\bmac(?:68k|ppc)",
            "the name of a Mac or its system",
        ),
        (
            r"\bcros\b|chrom(?:e|ium) ?os\b|\bx11\b|wayland|x86_64|i[3-6]86|amd64|konqueror"
            r"|(?:free|net|open|pc-?)bsd|dragonfly|midnightbsd",
            "a desktop system or its browser",
        ),
        (
            r"sunos|solaris|illumos|irix|hp-?ux\b|\baix\b|\bosf1|tru64|ultrix|unixware|openvms|\bvms\b|nextstep"
            r"|\bqnx\b|\binferno\b|\bplan ?9\b|\bminix|\bunix\b",
            "a workstation's system",
        ),
        (
            r"haiku|beos|os/2|\bos2\b|amiga|morphos|\baros\b|risc ?os|syllable|skyos|kolibrios|menuetos"
            r"|serenityos|\batari",
            "a desktop system",
        ),
        (
            r"ubuntu|debian|\bsuse|fedora|red ?hat|gentoo|slackware|mandr(?:iva|ake)|mageia|centos|knoppix"
            r"|sabayon|linux ?mint|raspbian|manjaro|xandros|linspire|elementary ?os|joli ?os|kylin|deepin",
            "a distribution of Linux",
        ),
        (r"\blinux\b|2in1", "a desktop system, since no other token is more specific"),
    ),
    # Browsers and programs that run on PCs, for user agents that name no system.
    *_rules(
        "pc",
        "text",
        (
            r"\blynx/|\bw3m/|\be?links[ /(]|dillo|netsurf|arachne|mosaic|ibrowse|\baweb\b|galeon|epiphany"
            r"|\bicab\b|omniweb|cyberdog|hotjava|\bamaya|midori|netpositive|webpositive|k-meleon|seamonkey|iceweasel"
            r"|palemoon|sleipnir|lunascape|netscape|mozilla/[1-4]\.\d{1,3} \[",
            "a browser for PCs",
        ),
        (
            r"thunderbird|\boutlook|sylpheed|claws ?mail|eudora|lotus-?notes|akregator|rssowl|feedreader"
            r"|feeddemon|netnewswire|liferea|newsb(?:oat|euter)|rss ?guard|quiterss",
            "a program for mail or news on PCs",
        ),
        (
            r"(?<![a-z_])vlc/|winamp|foobar2000|musicbee|audacious|clementine|amarok|rhythmbox|banshee|mplayer"
            r"|nsplayer|wmfsdk|itunes/|quicktime|realplayer|mediamonkey|\baimp|songbird|gpodder|\bmiro/|castget"
            r"|hermespod",
            "a media player for PCs",
        ),
        (
            r"electron/|\bkde\b|\bkio/|\bgnome\b|\bgvfs/|\bgtk|emacs|qtwebengine|libreoffice|openoffice|handbrake"
            r"|utorrent|qbittorrent|transmission/|bittorrent|\bgog ?galaxy|desktop app|\bx64\b",
            "a program or toolkit of desktop systems",
        ),
        strength="weak",
    ),
    # PCs that run Android, or Android's apps.
    *_rules(
        "pc",
        "model",
        (
            r"rk\d{4} chrome|aspire|latitude|inspiron|vostro|satellite|travelmate|swift sf|remix mini"
            r"|easynote|waydroid|vivobook",
            "the name of a make of PC",
        ),
        (
            r"hp (?:engage|pavilion|laptop|stream|spectre|envy)|optiplex|precision|ideacentre|macbook"
            r"|toshiba sat",
            "the name of a make of PC",
        ),
    ),
    *_rules(
        "pc",
        "in model",
        (
            r"chromebook|chromebox|pixelbook|elitebook|probook|thinkpad(?! tab)|netbook|notebook\b|\b2in1\b"
            r"|\baio\b",
            "the name of a make of PC",
        ),
    ),
    # Phones that do not run Android, and the browsers and app frameworks of feature phones.
    *_rules(
        "phone",
        "text",
        (r"(?<![a-z])iphone|\biph\d|\bipod|ios[ /-]\d", "Apple's phone"),
        (
            r"windows phone|wpdesktop|lumia|zunewp|windows ?ce|iemobile|windows mobile|pocket ?pc|smartphone",
            "a phone's system",
        ),
        (r"kaios|symb(?:ian|os)|series ?[3468]0|\bs60\b|bada|maemo|sailfish|jolla|meego", "a phone's system"),
        (r"blackberry|\bbb10\b|\bpalm|webos/[12]|\bbrew\b|ubuntu.{0,8}mobile|\(mobile;", "a phone's system"),
        (r"midp|cldc|j2me|up\.(?:browser|link)|netfront|obigo|openwave|teleca|\bmaui\b", "a phone's browser"),
        (
            r"opera (?:mobi|mini)|ucweb|\bwap|onebrowser|qqbrowser/mini|xiino|^a/\d{1,2}\.\d|jasmine|dolfin"
            r"|polaris|fban/(?!fbw)|release/\d\d\.",
            "a phone's browser",
        ),
        (
            r"^(?:nokia|sonyericsson|samsung|sec-|sgh-|lg[-/e]|mot-|motorola|sagem|alcatel|sie-)",
            "a maker's name or numbers for phones",
        ),
        (
            r"^(?:spice|micromax|karbonn|lava|intex|fly|lephone|philips|haier|hisense|bird|tcl|lenovo)[ _/-]",
            "a maker's name or numbers for phones",
        ),
        (
            r"^(?:coolpad|oppo|vivo|gionee|amoi|panasonic|nec|benq|dopod|qtek|maxvi|texet|onda|doov)[ _/-]",
            "a maker's name or numbers for phones",
        ),
        (
            r"^(?:sharp|zte|huawei|htc|kyocera|sanyo|pantech|docomo|j-phone|vodafone|softbank|kddi)",
            "a maker's name or numbers for phones",
        ),
        (
            r"\bfoma\b|willcom|ddipocket|kddi-|jig ?browser|openbrowser|emobile|\bmtk\b|mocor|dorado|threadx",
            "a phone's system or browser",
        ),
        (r"\bmobile\b", "as phones' browsers say"),
    ),
    # What Apple's and Android's frameworks send from phones and other devices alike, and kinds of apps
    # that are mostly used on phones. Searched after the desktop systems.
    *_rules(
        "phone",
        "text",
        (
            r"(?<![a-z])ios(?![a-z])|cfnetwork|applecoremedia|\bdarwin/|exoplayer",
            "a system or framework of mobile apps",
        ),
        (r"podcast|\bradio|(?<![-a-z])fm/", "a podcast or radio app"),
        (
            r"\b(?:samsung|huawei|xiaomi|redmi|oppo|oneplus|realme|nokia|motorola|htc|lge|meizu|zte|sony)(?![a-z])"
            r"|\bdevice/[a-z]|\bbuild/[a-z0-9]|\bwp[78]/",
            "a maker of phones, or how apps on phones name the device",
        ),
        strength="weak",
    ),
    # Phones whose browser or app does not say "Mobile".
    *_rules(
        "phone",
        "model",
        (r"sm-[acefgjmnsw]\d|gt-[bcis]\d|s[cpg]h-|sh[vw]-", "Samsung's numbers for phones"),
        (
            r"redmi|poco|mi \d|mi note|mi max|rmx\d|cph\d|p[a-h][a-z]{2}\d\d\b|vivo|v\d{4}[a-z]{0,2}\b",
            "a maker's name or numbers for phones",
        ),
        (
            r"(?:sc|so|sh|ky)[gv]\d\d|m(?:18|19|20|21)\d\d[a-z]\d|asus_[lt]|oneplus|iqoo|moto|xt\d{4}|nokia"
            r"|ta-1\d{3}|pixel|nexus|htc|infinix|tecno|itel|lg-|lm-",
            "a maker's name or numbers for phones",
        ),
        (
            r"xperia|sony|[c-j]\d{4}\b|xq-|so-\d\d|asus_[ixz]|zenfone|zte|blade|honor|huawei",
            "a maker's name or numbers for phones",
        ),
        (r"[a-z]{3}-(?:al|tl|lx?|an|tn|nx|n)\d", "Huawei's and Honor's numbers for phones"),
    ),
)

#: Values of Sec-CH-UA-Form-Factors, the stricter first where a device sends several.
FORM_FACTORS: tuple[tuple[str, str], ...] = (
    ("Watch", "watch"),
    ("XR", "xr"),
    ("Automotive", "car"),
    ("Tablet", "tablet"),
    ("EInk", "tablet"),
    ("Mobile", "phone"),
    ("Desktop", "pc"),
)

#: Values of Sec-CH-UA-Platform, lower case, that only PCs have.
DESKTOP_PLATFORMS = frozenset({"windows", "macos", "linux", "chrome os", "chromium os", "chromeos"})

#: Makers' names that stand before the model in some user agents ("SAMSUNG SM-T560", "HUAWEI M2-801W").
MAKERS = (
    "samsung",
    "lenovo",
    "huawei",
    "honor",
    "asus",
    "tcl",
    "alcatel",
    "acer",
    "casio",
    "xiaomi",
    "mobvoi",
)
