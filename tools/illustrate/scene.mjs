/*
 * illustrate/scene.mjs: where things stand, and what follows the theme of the page that shows them. A picture asks for
 * the theme by itself (prefers-color-scheme, which is that of the page, even where its reader chose another than the
 * system's), so the same file serves both.
 */
import { circle, el, ellipse, f, path, rect, themed } from "./shapes.mjs";

/* Sky above and below, sun, far and near ground: in the light and in the dark. */
const SCENES = {
    alpine: [
        ["#cfe3f4", "#f3f1e6", "#fffaf0", "#b7d0dc", "#93b6b4"],
        ["#27394d", "#384450", "#4c5f74", "#334858", "#2b4049"],
    ],
    city: [
        ["#d5e1ee", "#f4eee6", "#fff6e6", "#bccad8", "#a3b3c3"],
        ["#2a3748", "#404246", "#5f5b50", "#344353", "#2c3946"],
    ],
    dusk: [
        ["#cfc9ec", "#ffdcc2", "#ffefd6", "#cfb3cf", "#ae93b8"],
        ["#333152", "#523e45", "#7a6258", "#443958", "#38314b"],
    ],
    sea: [
        ["#c6e8f2", "#f7f4e4", "#fffdf2", "#9fd2dc", "#7dbccb"],
        ["#244150", "#38484b", "#526a6b", "#285160", "#234654"],
    ],
    field: [
        ["#cde8f3", "#f6f5dc", "#fff9dc", "#bed8a0", "#a0c47e"],
        ["#263f4d", "#3f463e", "#61664d", "#384d3c", "#2f4335"],
    ],
    evening: [
        ["#dbeaf6", "#fbeadb", "#ffffff", "#f0d8ca", "#bcc9d6"],
        ["#16263a", "#3a2a22", "#6b5a4c", "#45322b", "#22384f"],
    ],
    hall: [
        ["#dcdcea", "#efedf5", "#faf9ff", "#cfcde0", "#bdbbd2"],
        ["#2f3242", "#383949", "#46485c", "#2c2e3d", "#292b37"],
    ],
    "bench-warm": [
        ["#f8e6d6", "#fdf5ec", "#fffaf4", "#f0d9c3", "#e5c9ae"],
        ["#3f3630", "#383331", "#4f433b", "#332d2a", "#2d2927"],
    ],
    "bench-rose": [
        ["#f8dfe6", "#fdf3f5", "#fff9fa", "#efcfd8", "#e2bac6"],
        ["#3f323e", "#383139", "#503e4a", "#332a32", "#2d262e"],
    ],
    "bench-blue": [
        ["#dbe6f8", "#f2f6fd", "#fafcff", "#c8d7f0", "#b2c6e6"],
        ["#2b3850", "#2c3545", "#394967", "#263043", "#232b3a"],
    ],
    "bench-teal": [
        ["#d3ecec", "#f0f8f7", "#f9fefd", "#bcdedd", "#a3cfcd"],
        ["#284146", "#2a3a3f", "#34555a", "#23363b", "#203035"],
    ],
    "bench-grey": [
        ["#e0e5eb", "#f4f6f8", "#fcfdfe", "#d0d8e0", "#bcc7d2"],
        ["#333d48", "#303944", "#434f5c", "#2a333d", "#262e37"],
    ],
    "bench-violet": [
        ["#e5dff8", "#f6f3fd", "#fcfaff", "#d6cdf0", "#c3b7e6"],
        ["#363352", "#323246", "#464167", "#2c2b43", "#27273a"],
    ],
    "bench-green": [
        ["#dcefd8", "#f4faf1", "#fbfefa", "#c6e0c0", "#b0d2a8"],
        ["#2e4235", "#2e3a35", "#3d5544", "#27372f", "#23302a"],
    ],
};
const COLOURS = {
    line: ["rgba(20,40,60,.13)", "rgba(200,220,240,.1)"],
    shadow: ["rgba(15,25,40,.2)", "rgba(0,0,0,.42)"],
    rotor: ["rgba(30,42,60,.13)", "rgba(220,232,245,.13)"],
    rim: ["rgba(30,42,60,.3)", "rgba(220,232,245,.34)"],
};

export function landscape(scene, seed) {
    const r = (n) => ((seed >>> n) % 97) / 97;
    const flat = scene.startsWith("bench") || scene === "hall";
    let out =
        el(
            "defs",
            {},
            el(
                "linearGradient",
                { id: "sky", x2: 0, y2: 1 },
                el("stop", { offset: 0, "stop-color": themed("s1") }) +
                    el("stop", { offset: 1, "stop-color": themed("s2") }),
            ),
        ) + rect(0, 0, 320, 240, 0, { fill: "url(#sky)" });
    if (flat) {
        out +=
            circle(160, 116, 92, { fill: themed("s3"), opacity: 0.5 }) +
            path("M0 190H320V240H0z", { fill: themed("s4"), opacity: 0.75 });
        for (let i = 0; i < 3; i++) {
            out += ellipse(160, 206, 150 + i * 44, 18 + i * 13, {
                fill: "none",
                stroke: themed("line"),
                "stroke-width": 1,
            });
        }
        return out;
    }
    out += circle(60 + r(3) * 200, 54 + r(7) * 20, 25, { fill: themed("s3"), opacity: 0.75 });
    const ridge = (y, a, fill, o) =>
        path(
            `M0 ${f(y + a * r(2))}C50 ${f(y - a * r(5))} 90 ${f(y - a)} 140 ${f(y - a * 0.2)}S236 ${f(y - a * (0.6 + r(9)))} 320 ${f(y - a * r(4))}V240H0z`,
            { fill, opacity: o },
        );
    out += ridge(172, 34, themed("s4"), 0.6) + ridge(194, 20, themed("s5"), 0.75);
    for (let i = 0; i < 4; i++) {
        out += path(
            `M0 ${f(206 + i * 9)}C70 ${f(200 + i * 10 - r(i + 1) * 8)} 170 ${f(214 + i * 8)} 320 ${f(200 + i * 11)}`,
            { fill: "none", stroke: themed("line"), "stroke-width": 1 },
        );
    }
    return out;
}

/** Markup with themed colours as a whole file, which fills the box that it is shown in. */
export function themedFile(scene, inner, { width = 320, height = 240, at = "xMidYMid" } = {}) {
    const [light, dark] = SCENES[scene];
    const colours = { ...COLOURS, ...Object.fromEntries(light.map((c, i) => [`s${i + 1}`, [c, dark[i]]])) };
    const used = new Set(inner.match(/[a-z-]+="\$[a-z0-9]+"/g));
    const rules = [...used].sort().map((use) => {
        const [, attribute, name] = use.match(/([a-z-]+)="\$(.*)"/);
        return `.${attribute}-${name}{${attribute}:${colours[name][1]}}`;
    });
    const style = rules.length ? `<style>@media (prefers-color-scheme:dark){${rules.join("")}}</style>` : "";
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" preserveAspectRatio="${at} slice">${style}${inner.replace(/\$([a-z0-9]+)"/g, (_, name) => `${colours[name][0]}"`)}</svg>\n`;
}
