//! The pure modules of the console, as the browser runs them.

use serde_json::{Value as Json, json};

use crate::page::Page;
use crate::world::browse;

const SIGNATURES: &str = include_str!("cases/signatures.json");

async fn console(page: &Page) {
    page.open(&format!("{}/console/", page.world.server.http)).await;
}

#[test]
fn each_output_has_the_signature_of_its_case() {
    browse(async |page| {
        console(page).await;
        let cases: Vec<Json> = serde_json::from_str(SIGNATURES).unwrap();
        let script = "const { signature } = await import('/console/signature.mjs'); \
                      return arguments[0].map(({ output }) => signature(output));";
        let found = page.await_script(script, json!([cases])).await;
        for (case, found) in cases.iter().zip(found.as_array().unwrap()) {
            assert_eq!(&case["signature"], found, "{}", case["about"]);
        }
    });
}

#[test]
fn no_output_of_a_device_holds_the_page_up() {
    browse(async |page| {
        console(page).await;
        // Each would be slow for a pattern that tries every way to match.
        let script = "const { signature, LENGTH } = await import('/console/signature.mjs'); \
            const units = [\"'\", '\"', 'a.', '/a', 'a:', 'C:\\\\a ', '\\\\\\\\a\\\\', '1.', 'ab12', 'ab-', \
                'x : y\\n', '\\n', '::', '{', 'a@', 'At \\n', '{a} : '];
            const outputs = units.map((unit) => signature(unit.repeat(30000))); \
            return outputs.every((text) => [...text].length <= LENGTH);";
        assert_eq!(page.await_script(script, json!([])).await, json!(true));
    });
}

#[test]
fn a_code_has_its_forms_and_its_meaning() {
    browse(async |page| {
        console(page).await;
        let script = "const { describe, short, FACTS } = await import('/console/codes.mjs'); \
                      return [FACTS >= 120, ...arguments[0].map((code) => [...Object.values(describe(code)), short(code)])];";
        let codes = [-2_147_012_894, -2_144_272_376, 53, 99, 0, 2_147_483_647, 12_345, -5];
        let expected = json!([
            true,
            [
                "-2147012894",
                "0x80072EE2",
                "ERROR_INTERNET_TIMEOUT",
                "the request timed out",
                "0x80072EE2"
            ],
            [
                "-2144272376",
                "0x80310008",
                "FVE_E_NOT_ACTIVATED",
                "BitLocker is not enabled on the drive",
                "0x80310008"
            ],
            ["53", "", "ERROR_BAD_NETPATH", "the network path was not found", "53"],
            [
                "99",
                "",
                "",
                "Intune: the script wrote to the error stream or ended with an error",
                "99"
            ],
            ["0", "", "", "no error", "0"],
            [
                "2147483647",
                "0x7FFFFFFF",
                "",
                "Intune: the script ran too long and was killed",
                "0x7FFFFFFF"
            ],
            ["12345", "", "", "", "12345"],
            ["-5", "0xFFFFFFFB", "", "", "0xFFFFFFFB"],
        ]);
        assert_eq!(page.await_script(script, json!([codes])).await, expected);
    });
}

#[test]
fn a_cause_is_found_among_the_properties_of_the_devices() {
    browse(async |page| {
        console(page).await;
        // One device in ten is a B, and all devices that failed are. The free storage is as everywhere.
        let script = "const { Tally, against, conditionOf, inCommon } = await import('/console/common.mjs'); \
            const all = new Tally(), failed = new Tally(), few = new Tally(); \
            for (let n = 0; n < 1000; n += 1) { \
                const device = { model: n % 10 ? 'A' : 'B', joinType: n % 10 ? 'azureADJoined' : 'unknown', freeStorageSpaceInBytes: 2 ** 30 }; \
                all.add(device); \
                if (n % 10 === 0) failed.add(device); \
                if (n % 10 === 0 && n < 190) few.add(device); \
            } \
            all.add(null); \
            const brief = (found) => found.map(({ name, value, here, all, factor, telling }) => [name, value, here, all, factor, telling]); \
            const [model, storage] = inCommon(failed, all); \
            const exact = against(model, failed, 120, 2000); \
            return [brief(inCommon(failed, all)), brief(inCommon(few, all)), [exact.all, exact.telling], \
                [{ property: 'model', value: \"it's\" }, storage, { property: 'freeStorageSpaceInBytes', value: '10 to 50 GB' }].map(conditionOf)];";
        let expected = json!([
            [["Model", "B", 1, 0.1, 10, true], ["Free storage", "below 2 GB", 1, 1, 1, false]],
            // 19 devices are too few to say so.
            [["Model", "B", 1, 0.1, 10, false], ["Free storage", "below 2 GB", 1, 1, 1, false]],
            // The sample has the value more rarely than the fleet: 120 of 2,000 devices.
            [0.06, true],
            [
                "model eq 'it''s'",
                "freeStorageSpaceInBytes gt 0 and freeStorageSpaceInBytes lt 2147483648",
                "freeStorageSpaceInBytes ge 10737418240 and freeStorageSpaceInBytes lt 53687091200",
            ],
        ]);
        assert_eq!(page.await_script(script, json!([])).await, expected);
    });
}

#[test]
fn times_are_read_as_a_person_says_them() {
    browse(async |page| {
        console(page).await;
        let script = "const time = await import('/console/time.mjs'); \
            const now = new Date(2026, 10, 26, 9, 52).getTime(); \
            const before = (minutes) => now - minutes * 60000; \
            return [ \
                [0, 6, 119, 1440 * 3, 1440 * 30].map((minutes) => time.ago(before(minutes), now)), \
                time.ago(NaN, now), \
                [0, 1440, 2880, 1440 * 400].map((minutes) => time.moment(before(minutes), now)), \
                time.whole('2026-11-26T09:41:17.4418045+01:00'), \
                time.instant('2026-11-26T09:41:17.4418045+01:00'), \
                time.literal(1795682477441), \
                time.lastDays(7, now).map(({ name }) => name), \
                [850, 59700, 3599000, 7500000, 4 * time.DAY].map(time.duration), \
            ];";
        let expected = json!([
            ["just now", "6 min ago", "1 h ago", "3 days ago", "Tue 27 Oct"],
            "never",
            ["today 09:52", "yesterday 09:52", "Tue 24 Nov 09:52", "22 Oct 2025 09:52"],
            { "time": "Thu 26 Nov 2026 09:41:17.4418045", "offset": "+01:00" },
            1_795_682_477_441_i64,
            "2026-11-26T08:41:17Z",
            ["Fri 20", "Sat 21", "Sun 22", "Mon 23", "Tue 24", "Wed 25", "Today"],
            ["850 ms", "1 min", "1 h", "2 h 5 min", "4 days"],
        ]);
        assert_eq!(page.await_script(script, json!([])).await, expected);
    });
}

#[test]
fn a_curve_of_many_states_begins_with_the_latest_and_counts_no_others() {
    browse(async |page| {
        page.console("").await;
        page.shows("3 scripts").await;
        // A script with states at one pace for ten days. Each count is asked of the server.
        let script = "const { readCurve } = await import('/console/rollout.mjs'); \
            const [day, now] = [86400000, Date.UTC(2026, 10, 26)]; \
            const begin = now - 10 * day; \
            const send = window.fetch; \
            const read = async (total) => { \
                let counted = 0; \
                window.fetch = async (url, { body }) => { \
                    const responses = JSON.parse(body).requests.map(({ id, url }) => { \
                        const time = (name) => Date.parse(new RegExp(`DateTime%20${name}%20(\\\\S+?Z)`).exec(url)?.[1]); \
                        const states = url.includes('runState') ? total / 10 : total; \
                        const number = Math.round((((time('lt') || now) - Math.max(time('ge'), begin)) / (10 * day)) * states); \
                        if (url.includes('$count') && !url.includes('runState')) counted += number; \
                        const edge = { value: [{ lastStateUpdateDateTime: new Date(url.includes('asc') ? begin : now).toISOString() }] }; \
                        return { id, status: 200, headers: {}, body: url.includes('$orderby') ? edge : String(number) }; \
                    }); \
                    return new Response(JSON.stringify({ responses }), { headers: { 'Content-Type': 'application/json' } }); \
                }; \
                const { points, pace } = await readCurve('/beta/s', { total, counts: { fail: total / 10 } }, now); \
                const last = points.at(-1); \
                return [points[0].at === begin, points[0].count, points[0].failed, last.at === now, last.count, last.failed, Math.round(pace), counted <= 210000]; \
            }; \
            const found = [await read(144000), await read(1440000)]; \
            window.fetch = send; \
            return found;";
        let expected = json!([
            [true, 0, 0, true, 144_000, 14_400, 10, true],
            [false, 1_240_000, 124_000, true, 1_440_000, 144_000, 100, true],
        ]);
        assert_eq!(page.await_script(script, json!([])).await, expected);
    });
}

#[test]
fn a_curve_goes_on_with_the_counts_of_the_page() {
    browse(async |page| {
        console(page).await;
        let script = "const { extended } = await import('/console/rollout.mjs'); \
            const points = [{ at: 0, count: 0, failed: 0 }, { at: 10, count: 5, failed: 1 }]; \
            const curve = { points, newest: 8, pace: 1 }; \
            const now = (total, fail, at) => [{ total, counts: { fail } }, at]; \
            let long = curve; \
            for (let at = 11; at < 1000; at += 1) long = extended(long, ...now(at, 1, at)); \
            return [ \
                extended(curve, ...now(5, 1, 20)) === curve, \
                extended(curve, ...now(7, 1, 20)).points.at(-1), \
                [extended(curve, ...now(7, 1, 20)).newest, extended(curve, ...now(5, 2, 20)).newest], \
                [long.points.length <= 256, long.points[0].at, long.points.at(-1).count], \
            ];";
        let expected =
            json!([true, { "at": 20, "count": 7, "failed": 1 }, [20, 8], [true, 0, 999]]);
        assert_eq!(page.await_script(script, json!([])).await, expected);
    });
}
