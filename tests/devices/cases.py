"""What real devices send: class, user agent and reason.

The user agents are written for these tests from makers' documentation and published model numbers. `CASES`
holds triples of device class, user agent and reason; `HINT_CASES` adds the client hints that came with it.
Add a case here for each rule that is added to `yourl/devices/rules.py`.
"""

from __future__ import annotations

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


def mobile(model: str, android: str = "12", chrome: str = "125.0.6422.53") -> str:
    """Chrome on Android that says Mobile."""
    return f"Mozilla/5.0 (Linux; Android {android}; {model}) {WEBKIT} Chrome/{chrome} Mobile Safari/537.36"


def still(model: str, android: str = "12", chrome: str = "125.0.6422.53") -> str:
    """Chrome on Android that does not say Mobile."""
    return f"Mozilla/5.0 (Linux; Android {android}; {model}) {WEBKIT} Chrome/{chrome} Safari/537.36"


def app(model: str, android: str = "12", build: str = "SP1A.210812.016") -> str:
    """An app that sends the default user agent of Android's runtime."""
    return f"Dalvik/2.1.0 (Linux; U; Android {android}; {model} Build/{build})"


def tizen(model: str, version: str = "5.5") -> str:
    """Samsung's browser on Tizen."""
    return f"Mozilla/5.0 (Linux; Tizen {version}; SAMSUNG {model}) {WEBKIT} Chrome/69.0 Mobile Safari/537.36"


def desktop(system: str, browser: str = "Chrome/124.0.0.0 Safari/537.36") -> str:
    """A desktop browser built on Chromium."""
    return f"Mozilla/5.0 ({system}) {WEBKIT} {browser}"


def firefox(system: str, version: str = "125.0") -> str:
    """Firefox."""
    return f"Mozilla/5.0 ({system}; rv:{version}) Gecko/20100101 Firefox/{version}"


def safari(device: str, system: str, build: str = "") -> str:
    """Safari on an Apple device."""
    return (
        f"Mozilla/5.0 ({device}; {system}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 "
        f"{build}Safari/605.1.15"
    )


IPHONE = safari("iPhone", "CPU iPhone OS 17_4 like Mac OS X", "Mobile/15E148 ")
WINDOWS = desktop("Windows NT 10.0; Win64; x64")

WATCHES = (
    ("MyTransit/3.1 (Watch6,2; watchOS 10.4)", "watchOS sends WatchN,M"),
    ("Weather/2 (Watch7,5; watchOS 11.1; Scale/2.00)", "the newest WatchN,M"),
    ("Podcasts/4 CFNetwork/1494 Darwin/23.4.0 (watchOS)", "the system alone"),
    ("atc/2.0 watchOS/9.4 model/Watch4,3 hwp/t8006 build/20T253", "Apple's own daemons"),
    ("AppleCoreMedia/1.0.0.20T253 (Apple Watch; U; CPU OS 9_4 like Mac OS X; en_us)", "the media player"),
    ("server-bag [Watch OS,10.3.1,21S651,Watch6,7]", "Apple's configuration service, in brackets"),
    ("RunnerWatchApp/8 (iPhone companion)", "the half of an app that runs on the watch"),
    ("runner/8.1 (APPLE WATCH; WATCHOS 8)", "in capitals"),
    ("runner/8.1 (apple watch; watchos 8)", "in small letters"),
    (tizen("SM-R735V", "2.3.2"), "Gear S2"),
    (tizen("SM-R770", "3.0"), "Gear S3"),
    (tizen("SM-R600", "3.0"), "Gear Sport"),
    (tizen("SM-R815W", "4.0"), "Galaxy Watch"),
    (tizen("SM-R500", "4.0"), "Galaxy Watch Active, whose number begins with 5"),
    (tizen("SM-R825F"), "Galaxy Watch Active2"),
    (tizen("SM-R850"), "Galaxy Watch3"),
    (app("SM-R870", "11", "RWD9.220429.053"), "Galaxy Watch4, an app"),
    (mobile("SM-R865F", "11"), "Galaxy Watch4 in its browser"),
    (mobile("SM-R925U", "12"), "Galaxy Watch5 Pro"),
    (mobile("SM-R955F", "13"), "Galaxy Watch6 Classic"),
    (mobile("SM-R861", "14"), "Galaxy Watch FE"),
    (mobile("SM-L305U", "14"), "Galaxy Watch7: SM-L since 2024"),
    (mobile("SM-L705F", "14"), "Galaxy Watch Ultra"),
    (mobile("SM-L325N", "15"), "Galaxy Watch8"),
    ("Tracker/2.0 (samsung SM-R895N; Wear OS 3.5)", "the number outside a browser's user agent"),
    (mobile("SAMSUNG SM-V700", "4.2.2"), "the first Galaxy Gear"),
    (mobile("Gear S", "4.4"), "Gear by name"),
    (mobile("Google Pixel Watch 2", "13"), "Pixel Watch"),
    (mobile("Pixel Watch 3", "14"), "Pixel Watch, without the maker"),
    (mobile("TicWatch Pro 3 GPS", "9"), "Mobvoi"),
    (mobile("TicWatch E3", "11"), "Mobvoi"),
    (mobile("Ticwatch E", "8.0.0"), "Mobvoi's older spelling"),
    (mobile("Mi Watch", "8.1.0"), "Xiaomi's first"),
    (mobile("M2233W1", "13"), "Xiaomi Watch 2 Pro: a number ending in W1"),
    (mobile("OPPO Watch", "8.1.0"), "OPPO"),
    (mobile("OW20W3", "8.1.0"), "OPPO Watch 2 by number"),
    (mobile("OWWE231", "13"), "OPPO Watch X by number"),
    (mobile("OPWWE234", "13"), "OnePlus Watch 2R by number"),
    (mobile("OnePlus Watch 3", "14"), "OnePlus by name"),
    (mobile("WA2056C", "13"), "vivo numbers its watches WA2…"),
    (mobile("LEO-DLXX", "8.0.0"), "Huawei Watch 2"),
    (mobile("HUAWEI WATCH", "7.1.1"), "Huawei's first"),
    (mobile("GLL-AL04", "10"), "Huawei Watch 3"),
    (mobile("MDS-AL00", "12"), "Huawei Watch 4 Pro"),
    (mobile("ASN-AL10", "10"), "Huawei's watch for children"),
    (mobile("JPT-B29", "10"), "Huawei's wearables are -B and two digits"),
    (mobile("KAN-B19", "10"), "Honor's too"),
    (mobile("Moto 360", "6.0.1"), "Motorola"),
    (mobile("LG Watch Sport", "8.0.0"), "LG by name"),
    (mobile("LG-W281", "8.0.0"), "LG by number"),
    (mobile("LM-W315", "8.0.0"), "LG Watch W7"),
    (mobile("G Watch R", "6.0.1"), "LG's second"),
    (mobile("ASUS ZenWatch 3", "7.1.1"), "Asus by name"),
    (mobile("WI503Q", "7.1.1"), "Asus ZenWatch 3 by number"),
    (mobile("SmartWatch 3", "6.0.1"), "Sony"),
    (mobile("SWR50", "6.0.1"), "Sony by number"),
    (mobile("CASIO WSD-F20", "8.0.0"), "Casio Pro Trek, behind its maker's name"),
    (mobile("GSW-H1000", "9"), "Casio G-Shock"),
    (mobile("TAG Heuer Connected Calibre E4", "9"), "TAG Heuer"),
    (mobile("Suunto 7", "9"), "Suunto"),
    (mobile("Polar M600", "8.0.0"), "Polar"),
    (mobile("Fossil Gen 6", "9"), "Fossil"),
    (mobile("Gen 6 Wellness Edition", "11"), "Fossil, without the maker"),
    (mobile("Q Explorist HR", "8.0.0"), "Fossil Q"),
    (mobile("Sofie", "8.0.0"), "Michael Kors Sofie"),
    (mobile("DIESEL On", "8.0.0"), "Diesel"),
    (mobile("Falster 3", "9"), "Skagen"),
    (mobile("MISFIT Vapor X", "9"), "Misfit"),
    (mobile("EA Connected", "8.0.0"), "Emporio Armani"),
    (mobile("MB SUMMIT", "7.1.1"), "Montblanc"),
    (mobile("Tambour", "8.0.0"), "Louis Vuitton"),
    (mobile("BIG BANG e Gen 3", "11"), "Hublot"),
    (mobile("Movado Connect 2", "8.0.0"), "Movado"),
    (mobile("GUESS Connect", "8.0.0"), "Guess"),
    (mobile("Amazfit Stratos", "5.1"), "Huami's Amazfit"),
    (mobile("LEM8", "7.1.1"), "Lemfo"),
    (mobile("LEMFO LEM X", "7.1.1"), "Lemfo, with the maker"),
    (mobile("KOSPET PRIME S", "9.1"), "Kospet"),
    (mobile("THOR 4 PRO", "7.1.1"), "Zeblaze Thor"),
    (mobile("Zeblaze Thor Ultra", "8.1.0"), "Zeblaze, with the maker"),
    (mobile("TICWRIS MAX", "7.1.1"), "Ticwris"),
    (mobile("APPLLP 4 Max", "11"), "Lokmat"),
    (mobile("DM100", "7.1.1"), "Domino"),
    (mobile("KW88", "5.1"), "an early Android watch"),
    (mobile("DM20", "7.1.1"), "Domino, its smaller number"),
    (mobile("KC08", "7.1.1"), "Kingwear"),
    (mobile("LES1", "5.1"), "Lemfo's first"),
    (mobile("X5 Air", "5.1"), "an Android watch whose name is short"),
    (mobile("AllCall W2", "7.0"), "AllCall makes phones too, but not W2"),
    (mobile("TAG Heuer Connected Modular 45", "8.0.0"), "a watchmaker's"),
    (mobile("Connected Modular 41", "8.0.0"), "the same without its maker"),
    (mobile("Carlyle HR", "9"), "Fossil Gen 5 by its name"),
    (mobile("Anio 5", "8.1.0"), "Anio, for children"),
    (mobile("myFirst Fone S3", "8.1.0"), "Oaxis, for children"),
    (mobile("MT43AX", "8.1.0"), "TCL Movetime with two letters"),
    ("HUAWEI WATCH 3/HarmonyOS", "the name alone, no browser"),
    ("clock/1.0 FitbitOS/5.3", "Fitbit's system"),
    ("Pebble/3.0 weather", "Pebble's system"),
    (mobile("imoo Watch Phone Z6", "8.1.0"), "imoo, for children"),
    (mobile("XPLORA_X5", "7.1.1"), "Xplora, for children"),
    (mobile("MT42X", "8.1.0"), "TCL Movetime, for children"),
    (mobile("ELARI KidPhone 4G", "8.1.0"), "Elari, for children"),
    (mobile("小天才电话手表", "8.1.0"), "the Chinese word for it"),
    (still("sdk_gwear", "11"), "Google's emulator"),
    (app("tetra", "6.0.1", "NWD1.180306.004"), "an unknown model with a build of the watch branch"),
    ("Sleep/1.0 (Android Wear; 7.1.1)", "the system's first name"),
    (f"Mozilla/5.0 (Wearable; OpenHarmony 5.0) {WEBKIT} ArkWeb/4.1.6.1 Mobile", "Huawei's new system"),
)

XR = (
    (
        "Mozilla/5.0 (X11; Linux x86_64; Quest 3) AppleWebKit/537.36 (KHTML, like Gecko) "
        "OculusBrowser/32.0.0.3 Chrome/124.0.0.0 VR Safari/537.36",
        "Meta Quest, calling itself Linux",
    ),
    (mobile("Quest 2", "10") + " OculusBrowser/21.1", "Meta Quest, calling itself Android"),
    (app("Quest Pro", "12"), "an app on a Quest"),
    ("Mozilla/5.0 (Android 10; Mobile VR; rv:112.0) Gecko/112.0 Firefox/112.0", "Firefox on a headset"),
    (mobile("Wolvic", "10") + " Wolvic/1.6", "Wolvic"),
    (mobile("Pico Neo 3", "10") + " PicoBrowser/3.3.22", "Pico"),
    (mobile("SM-R325", "7.0"), "Gear VR: SM-R3 is not always a watch"),
    (mobile("SM-I610", "14"), "Galaxy XR"),
    ("Zoom/5 (RealityDevice14,1; visionOS 1.1)", "Apple Vision Pro"),
    ("AppleCoreMedia/1.0.0.21N333 (Apple Vision; U; CPU OS 1_1 like Mac OS X)", "Apple Vision Pro's player"),
    (desktop("Windows NT 10.0; HoloLens", "Edge/18.17763"), "HoloLens, calling itself Windows"),
    (mobile("VIVE Focus 3", "10"), "HTC"),
    (still("Magic Leap 2", "10"), "Magic Leap"),
    (mobile("Lynx-R1", "10"), "Lynx"),
    (mobile("Glass 2", "8.1.0"), "Google Glass"),
    (mobile("Vuzix Blade", "5.1"), "Vuzix"),
)

CARS = (
    (desktop("X11; Linux x86_64", "Chrome/112.0.0.0 Safari/537.36 Tesla/2024.8.9"), "Tesla"),
    (
        "Mozilla/5.0 (X11; Linux) AppleWebKit/534.34 (KHTML, like Gecko) QtCarBrowser Safari/534.34",
        "early Tesla",
    ),
    (still("gminfo37", "10"), "General Motors"),
    (still("Polestar 2", "12"), "Polestar"),
    (still("YT9213AJ", "10"), "a head unit's number"),
    (still("UltraOcta-A9", "9"), "a head unit's chip"),
)

TVS = (
    (
        "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.5) AppleWebKit/537.36 (KHTML, like Gecko) 85.0.4183.93/6.5 "
        "TV Safari/537.36",
        "Samsung's Tizen TV",
    ),
    (
        "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0.4606.128 "
        "Safari/537.36 WebAppManager",
        "LG's webOS, spelt with a zero",
    ),
    ("HbbTV/1.6.1 (+DRM;Panasonic;2023;5.103;0071-0802;)", "HbbTV, ETSI TS 102 796"),
    (
        "Mozilla/5.0 (FreeBSD; Viera; U) AppleWebKit/537.11 (KHTML, like Gecko) Viera/3.5.0 Safari/537.11",
        "Panasonic",
    ),
    ("Opera/9.80 (Linux mips; U; CE-HTML/1.0 NETTV/3.2.1; en) Presto/2.6.33 Version/10.70", "Philips NetTV"),
    ("Mozilla/5.0 (DTV) AppleWebKit/531.2+ (KHTML, like Gecko) Espial/6.1.4 AQUOSBrowser/2.0", "Sharp"),
    ("Roku/DVP-12.5 (12.5.0.4178-C2)", "Roku"),
    ("AppleTV14,1/17.4", "Apple TV"),
    ("Netflix/2.6 (tvOS 17.4; AppleTV11,1)", "Apple TV's system"),
    (still("AFTKA", "9") + " Silk/118.1", "Fire TV Stick: Amazon numbers it AFT…"),
    (still("AFTMM", "7.1.2"), "Fire TV Stick 4K"),
    (mobile("Chromecast", "12"), "Chromecast with Google TV, which says Mobile"),
    (
        desktop("X11; Linux armv7l", "Chrome/114.0.0.0 Safari/537.36 CrKey/1.56.500000"),
        "the first Chromecasts",
    ),
    (app("BRAVIA 4K VH2", "10", "QTG3.200305.006"), "Sony Bravia"),
    (app("SHIELD Android TV", "11", "RQ1A.210105.003"), "Nvidia Shield"),
    (app("MIBOX4", "9", "PI"), "Xiaomi's box"),
    (app("MiTV-MOOQ1", "9", "PI"), "Xiaomi's TV"),
    (app("AI PONT", "9", "PI"), "the platform of many brands' Android TVs"),
    (still("HK1 Box", "9"), "a name that says box"),
    (still("X96 Max Plus", "9"), "a box"),
    (still("T95 Max", "7.0"), "a box"),
    (still("KIVI 4K TV", "9"), "a name that says TV"),
    (still("43LEX-8161", "9"), "a TV's number begins with its inches"),
    (still("U65H7500E", "9"), "a letter before the inches"),
    (mobile("TF-LED43S52T2S", "11"), "LED and inches"),
    (mobile("KX-43U750TS Build/RP1A.200720.011; wv", "11"), "inches, supported by a build that TVs have"),
    (still("TPM191E", "9"), "Philips numbers its TVs TPM1…"),
    (still("DIW387 1U1", "9"), "a set-top box"),
    (mobile("43U750TS", "11"), "a number that begins with inches, exactly as TVs are numbered"),
    ("Kobaview (X11; Linux armv7l) TV", "the word TV where no person's device is named"),
    (mobile("Hartens HTS-50UHD05B", "11"), "UHD"),
    (app("unknown", "12", "STTL.240206.001"), "a build of Android's TV branch"),
    (mobile("vivid 9X Build/PPR2.180905.006", "9"), "a build that only TVs have"),
    ("TV Bro/2.0 " + still("unheard of", "9"), "a browser made for TVs"),
    (
        "Mozilla/5.0 (Linux) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/84.0.4147.125 Safari/537.36 "
        "OPR/46.0.2207.0 OMI/4.20.5.55 Model/Vestel-MB181",
        "Vewd on Vestel's TVs",
    ),
    (
        desktop("X11; Linux armv7l", "Chrome/88.0.4324.182 Safari/537.36 VIDAA/6.0(Hisense;SmartTV)"),
        "Hisense",
    ),
    (desktop("X11; Linux armv7l", "Chrome/108.0.0.0 Safari/537.36 VIZIO SmartCast"), "Vizio"),
    ("Mozilla/5.0 (PlayStation; PlayStation 5/8.20) AppleWebKit/605.1.15 (KHTML, like Gecko)", "a console"),
    (desktop("Windows NT 10.0; Win64; x64; Xbox; Xbox One", "Edge/44.18363"), "a console that says Windows"),
    ("Mozilla/5.0 (Nintendo Switch; WebApplet) AppleWebKit/609.4 (KHTML, like Gecko) NF/6.0.3", "a console"),
    ("BrightSign/8.5.40 (XT244) Mozilla/5.0 (Unknown; Linux arm)", "a sign player"),
    (mobile("Bouygtel4K STB", "9"), "a set-top box"),
)

TABLETS = (
    (safari("iPad", "CPU OS 12_5 like Mac OS X", "Mobile/15E148 "), "iPad before iPadOS 13"),
    ("MyApp/1.0 (iPad13,4; iPadOS 17.4)", "iPad in an app"),
    ("dv(iPd7,5);pr(UCBrowser/11.3);ov(15_1);ss(768x1024)", "UC Browser's short form of iPad"),
    (still("SM-T870", "13"), "Galaxy Tab S7"),
    (mobile("SM-T295", "11"), "Galaxy Tab A in a browser that says Mobile"),
    (app("SM-X710", "14"), "Galaxy Tab S9 in an app"),
    (app("SM-P615", "13"), "Galaxy Tab S6 Lite"),
    (app("SAMSUNG SM-T580", "8.1.0"), "behind the maker's name"),
    (mobile("GT-P5113", "4.2.2"), "Galaxy Tab 2"),
    (mobile("GT-N8013", "4.1.2"), "Galaxy Note 10.1"),
    (still("SM-X816B", "13"), "Galaxy Tab S9+"),
    (app("Lenovo TB-J606F", "11"), "Lenovo Tab P11"),
    (app("TB310FU", "12"), "Lenovo Tab M9"),
    (mobile("Lenovo YT-X705F", "9"), "Yoga Tab"),
    (mobile("Lenovo A7600-H", "4.4.2"), "Lenovo A10"),
    (app("AGS3-L09", "10"), "Huawei MediaPad T5"),
    (app("DBY-W09", "10"), "Huawei MatePad 11"),
    (mobile("BTV-DL09", "7.0"), "Huawei MediaPad M3"),
    (mobile("HUAWEI M2-A01L", "5.1.1"), "Huawei MediaPad M2"),
    (mobile("XYZ-W19", "10"), "W and two digits: Wi-Fi, no telephone"),
    (still("KFTRWI", "11"), "Fire HD 10"),
    (mobile("KFMAWI", "9"), "Fire HD 10, saying Mobile"),
    (app("Nexus 7", "6.0.1"), "Nexus 7"),
    (app("Nexus 10", "5.1.1"), "Nexus 10"),
    (app("Pixel Tablet", "14"), "a Pixel that says tablet"),
    (app("Pixel C", "8.1.0"), "Pixel C"),
    (mobile("SGP712", "7.1.1"), "Xperia Z4 Tablet"),
    (app("SOT31", "7.0"), "a KDDI tablet: three letters, the last a T"),
    (mobile("LG-V410", "5.0.2"), "LG G Pad"),
    (mobile("Redmi Pad", "12"), "a name that says pad"),
    (app("23073RPBFG", "13"), "Redmi Pad SE by number: RP"),
    (app("OPD2203", "13"), "OnePlus and OPPO pads by number"),
    (app("RMP2102", "11"), "realme Pad by number"),
    (app("PA2353", "13"), "vivo Pad by number"),
    (mobile("Xiaomi Pad 6", "13"), "Xiaomi Pad"),
    (mobile("ASUS_P00A", "7.0"), "Asus ZenPad"),
    (mobile("TF300T", "4.2.1"), "Asus Transformer"),
    (mobile("B1-770", "5.0.1"), "Acer Iconia"),
    (app("Venue 8 3840", "5.1"), "Dell Venue"),
    (mobile("PMT5791_3G", "6.0"), "Prestigio's numbers for tablets"),
    (mobile("RCT6973W43MD", "8.1.0"), "RCA"),
    (mobile("BQ-7081G", "7.0"), "BQ numbers tablets by inches"),
    (mobile("Plane 7700T 4G", "7.0"), "Digma Plane"),
    (mobile("TurboPad 724", "6.0"), "a name that ends in pad"),
    (mobile("MID7316", "6.0"), "MID: mobile internet device"),
    (mobile("Blackview Tab 12", "12"), "a name that says tab"),
    (mobile("QTAB 10", "9"), "a name that ends in tab"),
    (mobile("8092_EEA", "10"), "Alcatel 1T"),
    (mobile("9137X", "11"), "TCL Tab"),
    (mobile("iPlay40H", "10"), "Alldocube"),
    (mobile("P80X_EEA", "10"), "Teclast"),
    (mobile("U30GT", "4.1.1"), "Cube"),
    (mobile("Hi10", "5.1"), "Chuwi"),
    (mobile("kids tablet K7", "9"), "for children"),
    (still("unknown thing", "11"), "no Mobile: Android's browsers on tablets"),
    (still("K", "10"), "the reduced user agent of Chromium on tablets"),
    (firefox("Android 13; Tablet"), "Firefox says Tablet"),
    (f"Mozilla/5.0 (Tablet; OpenHarmony 5.0) {WEBKIT} ArkWeb/4.1.6.1", "Huawei's new system"),
    (app("never heard of", "3.2", "HTJ85B"), "Android 3 was for tablets only"),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML) Mobile/15E148",
        "a web view on an iPad calls itself a Mac, yet says Mobile",
    ),
    (mobile("Elbrus", "9") + " YaSearchBrowser/23.71/apad BroPP/1.0", "Yandex's mark"),
    ("Mozilla/5.0 (X11; U; Linux armv7l; en-us) AppleWebKit/531.2+ Kindle/3.0+", "Kindle e-reader"),
    (
        "Mozilla/5.0 (Linux like Android; en_US) AppleWebKit/538.1 PocketBook/740 Mobile",
        "PocketBook e-reader",
    ),
    ("Mozilla/5.0 (Linux; Kobo eReader) AppleWebKit/538.1 (KHTML, like Gecko) Safari/538.1", "Kobo"),
    ("Mozilla/5.0 (Linux; U; Android 2.3.4; de-de; tolino shine 3) AppleWebKit/533.1 Safari/533.1", "tolino"),
    (
        "Mozilla/5.0 (PlayBook; U; RIM Tablet OS 2.0.1; en) AppleWebKit/535.8+ Safari/535.8+",
        "BlackBerry PlayBook",
    ),
    (
        "Mozilla/5.0 (hp-tablet; Linux; hpwOS/3.0.5; U; en) AppleWebKit/534.6 Safari/534.6 TouchPad/1.0",
        "TouchPad",
    ),
    ("Mozilla/5.0 (Windows NT 6.3; ARM; Trident/7.0; Touch; rv:11.0) like Gecko", "Surface RT"),
)

PHONES = (
    (IPHONE, "iPhone"),
    (
        IPHONE.replace("Safari/605.1.15", "[FBAN/FBIOS;FBAV/458.0;FBDV/iPhone14,2;FBMD/iPhone]"),
        "Facebook in an iPhone",
    ),
    (
        IPHONE.replace("Safari/605.1.15", "Instagram 325.0.3.24 (iPhone15,2; iOS 17_4; en_GB; scale=3.00)"),
        "Instagram",
    ),
    (IPHONE.lower(), "in small letters"),
    ("MyApp/2.1 (iPhone; iOS 16.7; Scale/3.00)", "an app with Apple's default"),
    ("MyApp/7 CFNetwork/1490.0.4 iOS 17.4", "an app's network library"),
    ("dv(iPh16,1);pr(UCBrowser/12.1);ov(17_4);ss(393x852)", "UC Browser's short form of iPhone"),
    (
        "Mozilla/5.0 (iPod touch; CPU iPhone OS 12_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/16H88",
        "an iPod touch",
    ),
    (mobile("Pixel 8 Pro", "14"), "Pixel"),
    (mobile("K", "10"), "the reduced user agent of Chromium on phones"),
    (mobile("SM-S918B", "14"), "Galaxy S"),
    (mobile("SM-A546E", "14"), "Galaxy A"),
    (app("SM-A546E", "14"), "Galaxy A in an app"),
    (still("SM-F956B", "14"), "a folding phone opened: no Mobile, yet a phone"),
    (app("Redmi Note 12", "13"), "Redmi"),
    (app("RMX3710", "13"), "realme"),
    (app("CPH2495", "13"), "OPPO"),
    (app("PGKM10", "13"), "OPPO in China"),
    (app("V2241A", "13"), "vivo in China"),
    (app("ONEPLUS A6013", "11"), "OnePlus"),
    (app("moto g(60)", "12"), "Motorola, with a parenthesis in the name"),
    (app("ANE-LX1", "9"), "Huawei P20 lite"),
    (app("LIO-AL00", "10"), "Huawei: AL00 is mostly a phone"),
    (app("TECNO KI5k", "12"), "Tecno"),
    (app("Infinix X6831", "13"), "Infinix"),
    (app("nothing known", "13"), "an app on an unknown Android"),
    (mobile("CUBOT NOTE 20", "10"), "Cubot is no robot"),
    (mobile("Zarko 3 Build/ZARBOT", "10"), "a build is named after its maker"),
    ("WhatsApp/2.11.282 WP7/8.0 Device/NOKIA-RM-914", "an app that labels its device"),
    (mobile("Spider_A5", "9"), "a phone called Spider"),
    (mobile("Robot 5", "9"), "a phone called Robot"),
    (mobile("LifeWatch V", "4.4.2"), "a phone whose name ends like a watch's"),
    (mobile("GW1", "7.0"), "a number that only begins like a watch's"),
    (mobile("AllCall S1", "7.0"), "a phone by a maker of watches"),
    (app("Pebble Beach", "9"), "a name that only begins like a watch's system"),
    (mobile("Coolpad CP3669AS", "10"), "Coolpad is no tablet"),
    (mobile("PadFone T008", "4.4.2"), "PadFone"),
    (mobile("S99", "11"), "Doogee S99: not every S99 is a watch"),
    (mobile("SUMMIT", "9"), "a phone that bears a watch's name"),
    (mobile("Lemon 2", "10"), "Lemon begins like Lemfo's numbers"),
    (mobile("SO-02K", "9"), "K after a digit is no 4K"),
    (mobile("HTV33", "9"), "TV inside a number"),
    (mobile("myA12 DTV", "7.0"), "a phone that receives television"),
    (mobile("QUEST", "9"), "a phone called Quest"),
    (mobile("VR6031", "9"), "a phone numbered VR"),
    (mobile("RIVIERA C5", "6.0"), "a name that contains Viera"),
    (mobile("A60Pro", "10"), "sixty is no number of inches here"),
    (mobile("Polestar Phone", "14"), "a car maker's phone"),
    (mobile("Kobami TV 45", "4.4.2"), "a phone whose name says TV"),
    (mobile("KB50A6000 Build/KOT49H", "4.4.2"), "a number like a TV's, without a sign that supports it"),
    (mobile("Kobami X9 Box", "9"), "a phone whose name says box"),
    (mobile("Kobami VR 2", "9"), "a phone whose name says VR"),
    ("Kobacast/3.0 (+http://kobacast.example/; iOS podcast app)", "a podcast app with its address"),
    ("Kobacast/3.1 (http://kobacast.example/; Android podcast app)", "a podcast app with its address"),
    ("Kobacast/3.2 (iPhone; iOS 17.4; monitor)", "a word that crawlers use too"),
    ("Kobacast/812 CFNetwork/1490.0.4 Darwin/23.4.0", "an app's default on Apple's systems"),
    ("Kobacast iOS", "the system without its version"),
    ("AppleCoreMedia/1.0.0.21E236 (iPhone; U; CPU OS 17_4 like Mac OS X) Aftonet/9", "AFT inside a word"),
    ("ivi/10.1 (iPhone; iOS 17.4)", "a film app that is named as a car's system"),
    ("Kobacast Podcasts 2", "a podcast app that names no system"),
    ("Koba FM/2.0", "a radio app that names no system"),
    ("Mozilla/5.0 (KB02;FOMA;like Gecko)", "a Japanese feature phone"),
    ("WhatsApp/2.24.7 Android/13 Device/Xiaomi-Redmi_Note_11", "WhatsApp"),
    ("Mozilla/5.0 (Android 14; Mobile; rv:125.0) Gecko/125.0 Firefox/125.0", "Firefox names no model"),
    ("Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) Edge/15.15254", "Windows Phone"),
    (
        "Mozilla/5.0 (Windows NT 6.2; ARM; Trident/7.0; Touch; rv:11.0; WPDesktop; Lumia 930) like Gecko",
        "its desktop mode",
    ),
    (
        "Mozilla/5.0 (BB10; Touch) AppleWebKit/537.10+ (KHTML, like Gecko) Version/10.3 Mobile",
        "BlackBerry 10",
    ),
    ("BlackBerry9700/5.0.0.862 Profile/MIDP-2.1 Configuration/CLDC-1.1 VendorID/331", "BlackBerry"),
    ("Nokia6300/2.0 (07.21) Profile/MIDP-2.0 Configuration/CLDC-1.1", "a feature phone"),
    ("SonyEricssonW910i/R1FA Browser/NetFront/3.4 Profile/MIDP-2.1", "a feature phone"),
    ("SAMSUNG-GT-E2252/1.0 Dolfin/1.5", "a feature phone"),
    ("Opera/9.80 (J2ME/MIDP; Opera Mini/7.1/28; U; en) Presto/2.8.119 Version/11.10", "Opera Mini"),
    (
        "Opera/9.80 (Android; Opera Mini/36.2/191; U; en) Presto/2.12.423 Version/12.16",
        "Opera Mini on Android",
    ),
    ("UCWEB/2.0 (MIDP-2.0; U; Adr 9; en-US; Redmi_7A) U2/1.0.0 UCBrowser/10.9 Mobile", "UC Browser"),
    ("Mozilla/5.0 (SymbianOS/9.4; Series60/5.0 Nokia5800d-1) AppleWebKit/525 Safari/525", "Symbian"),
    ("Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5", "KaiOS"),
    ("Mozilla/5.0 (Linux; U; Sailfish 4.5; Mobile; rv:91.0) Gecko/91.0 SailfishBrowser/1.0", "Sailfish"),
    (tizen("SM-Z400F", "3.0"), "a Tizen phone"),
    (f"Mozilla/5.0 (Phone; OpenHarmony 5.0) {WEBKIT} ArkWeb/4.1.6.1 Mobile", "Huawei's new system"),
)

PCS = (
    (WINDOWS, "Chrome on Windows"),
    (WINDOWS.lower(), "in small letters"),
    (desktop("Windows NT 10.0; Win64; x64", "Chrome/124.0.0.0 Safari/537.36 Edg/124.0.2478.51"), "Edge"),
    (desktop("Windows NT 10.0; ARM64", "Chrome/124.0.0.0 Safari/537.36"), "Windows on ARM"),
    (firefox("Windows NT 10.0; Win64; x64"), "Firefox"),
    (
        "Mozilla/5.0 (Windows NT 6.3; Win64; x64; Trident/7.0; .NET4.0E; rv:11.0) like Gecko",
        "Internet Explorer 11",
    ),
    (
        "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1; Trident/4.0)",
        "compatible is not only said by robots",
    ),
    (safari("Macintosh", "Intel Mac OS X 10_15_7"), "Safari on a Mac, or on an iPad"),
    (desktop("Macintosh; Intel Mac OS X 10_15_7"), "Chrome on a Mac"),
    (desktop("X11; Linux x86_64"), "Chrome on Linux"),
    (desktop("X11; Linux aarch64"), "Linux on ARM"),
    (firefox("X11; Ubuntu; Linux x86_64"), "Ubuntu"),
    (firefox("Wayland; Linux x86_64"), "Wayland"),
    (firefox("X11; FreeBSD amd64"), "FreeBSD"),
    (desktop("X11; CrOS x86_64 14541.0.0"), "a Chromebook"),
    (desktop("X11; CrOS aarch64 15699.72.0"), "a Chromebook on ARM"),
    (app("ASUS Chromebook Flip C434", "11", "R112-15359.58.0"), "an Android app on a Chromebook"),
    (still("Latitude 5400", "9"), "a laptop running Android"),
    (
        desktop(
            "Windows NT 10.0; Win64; x64", "Slack/4.36.140 Chrome/120.0.6099 Electron/28.1 Safari/537.36"
        ),
        "Slack",
    ),
    (
        desktop("Macintosh; Intel Mac OS X 13_6", "Teams/24004 Chrome/120.0 Electron/27.0 Safari/537.36"),
        "Teams",
    ),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:115.0) Gecko/20100101 Thunderbird/115.9.0", "Thunderbird"),
    ("Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)", "Outlook"),
    ("Microsoft Office Word/16.83 (Mac OS/14.4; Desktop; en-GB; AppStore; Apple/Mac14,3)", "Word on a Mac"),
    ("Mail/3774.500 CFNetwork/1490 Darwin/23.4.0 (x86_64) (MacBookPro16%2C1)", "Mail on a Mac"),
    ("Mozilla/5.0 (compatible; Konqueror/4.14; Linux) KHTML/4.14.9 (like Gecko)", "Konqueror"),
    ("Opera/9.80 (Windows NT 6.1; U; en) Presto/2.10.289 Version/12.02", "the old Opera"),
    ("Mozilla/5.0 (X11; U; SunOS sun4u; en-US; rv:1.9) Gecko/2008 Firefox/3.0", "Solaris"),
    ("Mozilla/5.0 (OS/2; Warp 4.5; rv:45.0) Gecko/20100101 Firefox/45.0", "OS/2"),
    ("Mozilla/3.0 (BeOS)", "BeOS"),
    ("KobaReader/4.5 (http://kobareader.example/; Microsoft Windows XP)", "a feed reader with its address"),
    ("KobaReader/4 (+https://kobareader.example/) Linux/6.1", "a feed reader with its address"),
    ("KobaReader/4 (Macintosh; www.kobareader.example)", "a feed reader with its address"),
    ("Google Earth/7.3 (Windows; en-US)", "a program of Google's for PCs"),
    ("Koba RSS Reader (macOS 14)", "a word that crawlers use too"),
    ("Mozilla/4.0 (compatible; MSIE 5.17; Mac_PowerPC)", "an old Mac"),
    ("Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.0; http://kobabar.example)", "an address in a toolbar"),
    ("Lynx/2.9.0 libwww-FM/2.14", "a browser in a terminal"),
    ("gvfs/1.54", "a desktop's file manager"),
    ("VLC/3.0.20 LibVLC/3.0.20", "a media player"),
    ("Mozilla/4.79 [en] (kobix)", "Netscape on an unknown system"),
    (desktop("Windows NT 10.0; Win64; x64") + " KobaTV TV", "the word TV on Windows"),
    (f"Mozilla/5.0 (2in1; OpenHarmony 5.0) {WEBKIT} ArkWeb/4.1.6.1", "Huawei's new system on a laptop"),
)

BOTS = (
    ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Google"),
    (
        mobile("Nexus 5X", "6.0.1") + " (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Google as a phone",
    ),
    ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "Bing"),
    (desktop("Windows NT 6.1; WOW64", "BingPreview/1.0b"), "Bing's pictures"),
    ("Mozilla/5.0 (compatible; YandexRenderResourcesBot/1.0; +http://yandex.com/bots)", "Yandex"),
    ("Mozilla/5.0 (compatible; Baiduspider/2.0)", "Baidu"),
    ("DuckDuckBot/1.1", "DuckDuckGo"),
    (f"Mozilla/5.0 {WEBKIT}; compatible; GPTBot/1.2; +https://openai.com/gptbot)", "OpenAI"),
    ("facebookexternalhit/1.1", "Meta's link previews"),
    ("Twitterbot/1.1 (preview)", "Twitter's link previews"),
    ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "Slack's link previews"),
    ("Mozilla/5.0 (compatible; Discordbot/2.1)", "Discord's link previews"),
    ("curl/8.5.0", "curl"),
    ("Wget/1.21.4", "wget"),
    ("python-requests/2.31.0", "Python"),
    ("Python-urllib/3.12", "Python"),
    ("aiohttp/3.9.3", "Python"),
    ("python-httpx/0.27.0", "Python"),
    ("Go-http-client/2.0", "Go"),
    ("Java/17.0.10", "Java"),
    ("Apache-HttpClient/4.5.14 (Java/11.0.22)", "Java"),
    ("okhttp/4.12.0", "a library that names no device"),
    ("axios/1.6.8", "JavaScript"),
    ("node-fetch/1.0 (+https://github.com/bitinn/node-fetch)", "JavaScript"),
    ("PostmanRuntime/7.37.3", "Postman"),
    ("libwww-perl/6.72", "Perl"),
    ("Ruby/3.3", "Ruby"),
    ("GuzzleHttp/7", "PHP"),
    ("kube-probe/1.29", "Kubernetes"),
    ("GoogleHC/1.0", "Google's balancer"),
    ("ELB-HealthChecker/1.0", "Amazon's balancer"),
    ("Blackbox Exporter/0.25.1", "Prometheus"),
    ("Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)", "Pingdom"),
    ("Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", "Uptime Robot"),
    (desktop("X11; Linux x86_64", "HeadlessChrome/124.0.0.0 Safari/537.36"), "a browser without a screen"),
    (desktop("X11; Linux x86_64", "Chrome/119.0 Safari/537.36 Chrome-Lighthouse"), "Lighthouse"),
    (
        "Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1",
        "PhantomJS",
    ),
    ("Mozilla/5.0 zgrab/0.1", "a scanner"),
    ("masscan/1.3 (https://github.com/robertdavidgraham/masscan)", "a scanner"),
    ("Mozilla/5.0 (compatible; archive.org_bot)", "the Internet Archive"),
    ("W3C_Validator/1.3", "a validator"),
    ("Feedly/1.0 (+http://www.feedly.com/fetcher.html; like FeedFetcher-Google)", "a feed reader's server"),
    ("research scanner, contact: someone@example.org", "a contact address"),
    ("Kobafeed/1.0 (+http://kobafeed.example; 12 subscribers; Windows)", "a server that fetches for many"),
    (WINDOWS + " (compatible; Koba/2.0; +https://koba.example)", "a browser's text with a crawler's address"),
    (WINDOWS + " KobaChecker/2.0", "a program that checks sites"),
    ("go fetch", "weak signs where no person's system is named"),
)

UNKNOWN = (
    ("", "nothing at all"),
    ("   ", "blanks"),
    ("-", "what some proxies put in its place"),
    ("Mozilla/5.0", "what everybody says"),
    ("\x00\x01\x02", "control characters"),
    ("\ud800", "half of a surrogate pair"),
    ("приложение 1.0", "not Latin"),
    ("x" * 8192, "long and empty of meaning"),
)

CASES: tuple[tuple[str, str, str], ...] = tuple(
    (kind, user_agent, reason)
    for kind, cases in (
        ("watch", WATCHES),
        ("xr", XR),
        ("car", CARS),
        ("tv", TVS),
        ("tablet", TABLETS),
        ("phone", PHONES),
        ("pc", PCS),
        ("bot", BOTS),
        ("unknown", UNKNOWN),
    )
    for user_agent, reason in cases
)

FORM = "Sec-CH-UA-Form-Factors"
MOBILE = "Sec-CH-UA-Mobile"
MODEL = "Sec-CH-UA-Model"
PLATFORM = "Sec-CH-UA-Platform"
REDUCED = mobile("K", "10")
REDUCED_STILL = still("K", "10")
LINUX = desktop("X11; Linux x86_64")

#: Device type, user agent, hints, reason.
HINT_CASES: tuple[tuple[str, str, dict[str, str], str], ...] = (
    ("watch", REDUCED, {FORM: '"Watch"'}, "a form factor wins over Mobile"),
    ("watch", "anything", {FORM: '"EInk", "Watch"'}, "the stricter of two form factors"),
    ("watch", REDUCED, {FORM: '"Mobile", "Watch"'}, "the stricter of two form factors, whatever their order"),
    ("watch", REDUCED, {MODEL: '"SM-R890"'}, "the model that the reduced user agent hides"),
    ("watch", REDUCED, {MODEL: '"SM-L315U"', FORM: '"Mobile"'}, "a watch's model wins over a form factor"),
    ("watch", REDUCED, {MODEL: '"Pixel Watch 2"', MOBILE: "?1"}, "a watch's model wins over Mobile"),
    ("watch", mobile("SM-R890"), {FORM: '"Mobile"', MOBILE: "?1"}, "hints do not make a watch a phone"),
    ("watch", mobile("SM-R890"), {MODEL: '"SM-S921B"', PLATFORM: '"Android"'}, "nor does another model"),
    ("bot", "curl/8.5.0", {FORM: '"Desktop"', MOBILE: "?0"}, "hints do not make a program a person"),
    ("xr", REDUCED, {FORM: '"XR"'}, "headset"),
    ("xr", LINUX, {FORM: '"Desktop", "XR"'}, "a headset that shows desktop pages"),
    ("car", REDUCED_STILL, {FORM: '"Automotive"'}, "car"),
    ("car", REDUCED_STILL, {FORM: '"Tablet", "Automotive"'}, "a car with a large screen"),
    ("tablet", REDUCED, {FORM: '"Tablet"'}, "a form factor wins over Mobile"),
    ("tablet", REDUCED, {FORM: '"EInk"'}, "an e-reader"),
    ("tablet", REDUCED, {MODEL: '"SM-X200"'}, "the model wins over Mobile"),
    ("tablet", REDUCED, {MODEL: '"Pixel Tablet"', MOBILE: "?1"}, "the model wins over the Mobile hint"),
    (
        "tablet",
        REDUCED_STILL,
        {MODEL: '"unheard of"', PLATFORM: '"Android"', MOBILE: "?0"},
        "Android's tablets say ?0",
    ),
    ("phone", REDUCED, {FORM: '"Mobile"', MODEL: '"Pixel 8"'}, "a phone, all agreed"),
    ("phone", REDUCED_STILL, {MODEL: '"Pixel 8"'}, "a phone whose page was asked for as on a tablet"),
    ("phone", LINUX, {MODEL: '"Pixel 8"', PLATFORM: '"Android"'}, "a phone that asks for the desktop's page"),
    ("phone", LINUX, {MOBILE: "?1", PLATFORM: '"Android"'}, "the same without its model"),
    ("tablet", LINUX, {MOBILE: "?0", PLATFORM: '"Android"'}, "a tablet that asks for the desktop's page"),
    ("phone", "anything", {MOBILE: "?1"}, "the hint alone"),
    ("pc", "anything", {PLATFORM: '"Windows"', MOBILE: "?0"}, "the platform alone"),
    ("pc", "anything", {PLATFORM: "macOS"}, "the platform without its quotes"),
    ("pc", "anything", {FORM: '"Desktop"'}, "the form factor alone"),
    ("pc", WINDOWS, {MOBILE: "?0", PLATFORM: '"Windows"', MODEL: '""'}, "what Chrome sends on a PC"),
    ("pc", desktop("X11; CrOS x86_64 14541.0.0"), {PLATFORM: '"Chrome OS"', MOBILE: "?0"}, "a Chromebook"),
    ("tv", still("AFTKA"), {MOBILE: "?0", PLATFORM: '"Android"'}, "the two that know no TV change none"),
    ("watch", REDUCED, {FORM.lower(): '"watch"'}, "names of headers and of form factors in any case"),
    ("watch", REDUCED, {FORM.upper(): "Watch"}, "without quotes"),
    ("unknown", "anything", {FORM: '"Hat"'}, "a form factor that does not exist"),
    ("unknown", "anything", {FORM: ""}, "an empty hint says nothing"),
    ("unknown", "anything", {FORM: '"Watch'}, "an open quote is malformed"),
    ("unknown", "anything", {FORM: '"Watch", ' * 1000}, "8 KB of hint are not read"),
    ("unknown", "anything", {MOBILE: "yes"}, "not a structured boolean"),
    ("phone", REDUCED, {MOBILE: "?2"}, "a malformed hint changes nothing"),
    ("phone", REDUCED, {MODEL: "\x00\x01"}, "control characters are malformed"),
    ("phone", REDUCED, {"X-Device": "watch"}, "other headers are no hints"),
)
