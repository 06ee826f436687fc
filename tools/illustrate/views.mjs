/*
 * illustrate/views.mjs: what stands behind things that are no product: the hills behind the first page's drone, and the
 * cities of dealers, which are no city in particular.
 */
import { themedFile } from "./scene.mjs";
import { circle, el, f, hash, path, rect, themed } from "./shapes.mjs";

const CITY = { width: 320, height: 136 };
const GROUND = 116; // where its houses stand

function sky(height) {
    const stop = (offset, colour) => el("stop", { offset, "stop-color": themed(colour) });
    const gradient = el("linearGradient", { id: "sky", x2: 0, y2: 1 }, stop(0, "s1") + stop(1, "s2"));
    return el("defs", {}, gradient) + rect(0, 0, CITY.width, height, 0, { fill: "url(#sky)" });
}

/** A row of houses by the sea, as the name has it: the same name always looks the same. */
export function city(name, scene) {
    let state = hash(name);
    const next = (least, most) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return least + ((state >>> 8) % (most - least + 1));
    };
    let out = sky(CITY.height) + circle(next(70, 250), 40, 22, { fill: themed("s3"), opacity: 0.9 });
    for (let x = 6; x < CITY.width - 12; ) {
        const width = Math.min(next(13, 31), CITY.width - 6 - x);
        const tall = next(0, 6) === 0 ? next(74, 92) : next(30, 64);
        const fill = themed(next(0, 1) === 0 ? "s4" : "s5");
        out += rect(x, GROUND - tall, width, tall, 0, { fill });
        if (next(0, 2) === 0) {
            out += path(`M${f(x + width / 2)} ${GROUND - tall}v-12`, { stroke: themed("s5"), "stroke-width": 2 });
        }
        x += width + 2;
    }
    out += path(`M0 ${GROUND - 6}H320V136H0z`, { fill: themed("s4") });
    for (const [x, y, width] of [
        [20, 116, 120],
        [90, 122, 100],
        [150, 128, 80],
    ]) {
        out += path(`M${x} ${y}h${width}`, { stroke: themed("s3"), "stroke-width": 1.5, opacity: 0.7 });
    }
    return themedFile(scene, out, CITY);
}

/** Sun, hills and fields without a sky: what they stand on has one. */
export function hills() {
    let out =
        circle(905, 140, 92, { fill: themed("s3"), opacity: 0.6 }) +
        path("M0 380C140 330 240 318 380 342S640 300 800 322s260-30 400-70V460H0z", {
            fill: themed("s4"),
            opacity: 0.55,
        }) +
        path("M0 420C180 376 300 402 470 392S760 352 900 372s190-18 300-44V460H0z", {
            fill: themed("s5"),
            opacity: 0.4,
        });
    for (let i = 0; i < 5; i++) {
        const y = 432 + 9 * i;
        out += path(`M0 ${y}C220 ${y - 22 + i} 420 ${y + 8 - i} 640 ${y - 8}S1000 ${y - 22 + 3 * i} 1200 ${y - 40 + 5 * i}`, {
            fill: "none",
            stroke: themed("line"),
            "stroke-width": 1.5,
        });
    }
    return themedFile("evening", out, { width: 1200, height: 460, at: "xMidYMax" });
}
