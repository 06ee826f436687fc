/*
 * illustrate/gear.mjs: accessories, each drawn by its SKU.
 */
import { box, circle, CX, cylinder, el, ellipse, f, lens, line, PAINT, path, rect, rotor, TILT } from "./shapes.mjs";

export const GEAR = {
    "ACC-001": () =>
        box(76, 92, 148, 78, 44, PAINT.graphite, 8) +
        rect(90, 104, 84, 30, 4, { fill: "#bfe9d2" }) +
        [0, 1, 2, 3]
            .map((i) =>
                rect(96 + i * 19, 128 - [20, 14, 18, 8][i], 12, [20, 14, 18, 8][i], 1, {
                    fill: ["#1b7f4d", "#1b7f4d", "#1b7f4d", "#b26a00"][i],
                }),
            )
            .join("") +
        circle(202, 120, 12, { fill: "#1d2228", stroke: "#6a7683", "stroke-width": 2 }) +
        line(202, 120, 207, 113, { stroke: "#ff9a52", "stroke-width": 3 }) +
        [0, 1, 2, 3].map((i) => rect(92 + i * 32, 148, 22, 11, 3, { fill: "#efb21c" })).join(""),
    "ACC-002": () =>
        path("M84 82l24-40h136l-14 40z", { fill: "#2f353d" }) +
        path("M98 78l16-28h118l-9 28z", { fill: "#59636f" }) +
        box(70, 96, 164, 78, 34, ["#ff9a52", "#e96a1b", "#ad4508"], 9) +
        rect(70, 92, 164, 16, 6, { fill: "#ad4508" }) +
        [98, 190].map((x) => rect(x, 88, 18, 28, 3, { fill: "#262d36" })).join("") +
        rect(126, 126, 52, 14, 7, { fill: "#262d36" }) +
        [88, 206].map((x) => rect(x, 118, 7, 50, 2, { fill: "#c9550f" })).join(""),
    "ACC-003": () =>
        ellipse(160, 148, 118, 58, { fill: "#ad4508" }) +
        ellipse(160, 142, 118, 58, { fill: "#e96a1b" }) +
        ellipse(160, 142, 102, 49, { fill: "#fdf4ea" }) +
        ellipse(160, 142, 92, 44, { fill: "#e96a1b" }) +
        path("M134 120l6-2v18h40v-18l6 2 6 44h-9l-2-18h-42l-2 18h-9z", { fill: "#ffffff" }) +
        [
            [50, 148],
            [270, 148],
            [160, 203],
        ]
            .map(([x, y]) => line(x, y, x + 4, y + 16, { stroke: "#59636f", "stroke-width": 4 }))
            .join(""),
    "ACC-004": () =>
        [
            [-1, 206],
            [1, 206],
        ]
            .map(([d, y]) => line(160, 128, 160 + d * 56, y, { stroke: "#39424d", "stroke-width": 6 }))
            .join("") +
        line(160, 128, 160, 214, { stroke: "#262d36", "stroke-width": 6 }) +
        cylinder(160, 108, 16, 22, PAINT.graphite) +
        path("M104 76a56 22 0 0 0 112 0v14a56 24 0 0 1-112 0z", { fill: "#c3ccd6" }) +
        path("M104 78C108 46 212 46 216 78a56 20 0 0 1-112 0z", { fill: "#f6f8fa" }) +
        rect(142, 92, 36, 6, 3, { fill: PAINT.orange[1] }) +
        [18, 30, 42]
            .map((r) =>
                path(`M${f(160 - r)} 44a${r} ${f(r * 0.7)} 0 0 1 ${2 * r} 0`, {
                    fill: "none",
                    stroke: "#1f8aa8",
                    "stroke-width": 2.6,
                    opacity: f(1.1 - r / 50),
                }),
            )
            .join(""),
    "SKY-010": () =>
        [
            [106, 104],
            [214, 104],
            [106, 162],
            [214, 162],
        ]
            .map(
                ([x, y]) =>
                    ellipse(x, y, 46, 24, { fill: "none", stroke: "#346fc9", "stroke-width": 8 }) +
                    ellipse(x, y - 3, 46, 24, { fill: "none", stroke: "#6fa3ee", "stroke-width": 3 }) +
                    line(x, y, x + (x < 160 ? 40 : -40), y + (y < 130 ? 12 : -12), {
                        stroke: "#346fc9",
                        "stroke-width": 6,
                    }) +
                    rotor(x, y, 30, x / 40),
            )
            .join(""),
    "SKY-011": () =>
        box(64, 138, 168, 44, 40, ["#d6dde5", "#aeb8c4", "#7f8a97"], 7) +
        ["#e7edf2", "#c9d2da", "#a6b1bb", "#7d8994", "#545e69", "#2e363f"]
            .map(
                (c, i) =>
                    circle(90 + i * 27, 112 - (i % 2) * 20, 24, { fill: "#2b323b" }) +
                    circle(90 + i * 27, 112 - (i % 2) * 20, 19, { fill: c, opacity: 0.92 }) +
                    path(`M${78 + i * 27} ${108 - (i % 2) * 20}q8-12 18-10`, {
                        fill: "none",
                        stroke: "#ffffff",
                        "stroke-width": 2.4,
                        opacity: 0.7,
                    }),
            )
            .join(""),
    "SKY-012": () =>
        [34, 52, 70]
            .map((r) =>
                path(`M${f(160 - r)} ${f(86 - r * 0.2)}a${r} ${r} 0 0 1 ${2 * r} 0`, {
                    fill: "none",
                    stroke: "#1f8aa8",
                    "stroke-width": 3,
                    opacity: f(1.1 - r / 90),
                }),
            )
            .join("") +
        box(108, 110, 86, 56, 34, PAINT.white, 12) +
        circle(151, 138, 15, { fill: "#e9edf2", stroke: "#aeb8c4", "stroke-width": 2 }) +
        circle(151, 138, 6, { fill: "#e8452f" }) +
        rect(118, 154, 24, 5, 2, { fill: PAINT.blue[1] }) +
        line(204, 92, 214, 58, { stroke: "#39424d", "stroke-width": 5 }),
    "GCS-001": () =>
        path("M66 118L86 40q2-8 10-8h128q8 0 10 8l20 78z", { fill: "#2b323b" }) +
        path("M82 106l14-60h58v60zM166 46h58l14 60h-72z", { fill: "#0f2433" }) +
        path("M88 98q20-30 34-14t30-22v36zM172 98l14-26 16 12 20-30 8 44z", { fill: "#1f8aa8", opacity: 0.75 }) +
        circle(196, 62, 4, { fill: "#ff9a52" }) +
        path("M50 126h220l14 56q2 10-8 10H44q-10 0-8-10z", { fill: "#59636f" }) +
        path("M50 126h220l6 24H44z", { fill: "#6a7683" }) +
        [104, 216]
            .map(
                (x) =>
                    ellipse(x, 162, 22, 12, { fill: "#262d36" }) +
                    line(x, 160, x, 142, { stroke: "#1d2228", "stroke-width": 6 }) +
                    circle(x, 140, 7, { fill: "#39424d" }),
            )
            .join("") +
        [140, 160, 180].map((x, i) => circle(x, 166, 5, { fill: ["#62e39a", "#ffd75e", "#f5837a"][i] })).join(""),
};
