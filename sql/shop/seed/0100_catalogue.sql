-- What the Drone Shop sells on its first day: products, services, coupons, and where it is to be
-- found. Money in cents, percentages in hundredths. Rows that are already there stay as they are.
-- sqlite:

WITH clock (now) AS (
    SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000
), item (id, sku, category, price, stock, name, description) AS (VALUES
    (1, 'DRN-001', 'Complete Drones', 189900, 60, 'Kestrel Mini Survey',
     'Folding quadcopter for roof and site checks. Flight time 34 minutes, 4K camera with a 20MP sensor, range 8 km and 3S 3500 mAh packs; fits into a shoulder bag.'),
    (2, 'DRN-002', 'Complete Drones', 349900, 42, 'Kestrel Pro Mapper',
     'Survey quadcopter with RTK positioning and a mechanical shutter. Flight time 42 minutes, 5K camera, 24MP sensor, range 12 km; maps 80 hectares on one 6S 5200 mAh battery.'),
    (3, 'DRN-003', 'Complete Drones', 525000, 35, 'Harrier Inspect',
     'Close-range inspector with obstacle sensing on all sides and a 30x zoom. Flight time 38 minutes, 4K camera, range 10 km, rain-proof to IP45 for work on masts and bridges.'),
    (4, 'DRN-004', 'Complete Drones', 679000, 28, 'Harrier Thermal',
     'Two lenses, one look: a 640-pixel thermal core beside a 4K camera. Flight time 36 minutes, range 10 km; finds hot joints on solar fields and people in the dark.'),
    (5, 'DRN-005', 'Complete Drones', 894000, 22, 'Osprey Search',
     'Search platform with spotlight, loudspeaker and thermal camera. Flight time 45 minutes, range 15 km, payload 1.2 kg; takes off within 90 seconds of opening the case.'),
    (6, 'DRN-006', 'Complete Drones', 1149000, 18, 'Condor Agri 10',
     'Sprayer for small and steep fields with a 10 litre tank. Payload 10 kg, flight time 18 minutes, 12S 16000 mAh pack, radar terrain following for an even crop coat.'),
    (7, 'DRN-007', 'Complete Drones', 1599000, 14, 'Condor Agri 30',
     'Sprayer and spreader for large farms with quick-swap tanks. Payload 30 kg, flight time 22 minutes, 14S 30000 mAh pack; treats 16 hectares an hour.'),
    (8, 'DRN-008', 'Complete Drones', 1850000, 12, 'Albatross VTOL',
     'Fixed wing that rises like a helicopter and surveys like an aeroplane. Flight time 120 minutes, range 60 km, 61MP sensor for corridor mapping in one flight.'),
    (9, 'DRN-009', 'Complete Drones', 2290000, 9, 'Atlas Cargo 15',
     'Delivery hexacopter with winch and drop detection. Payload 15 kg, range 18 km, flight time 40 minutes; lands on a door-sized pad and survives the loss of a motor.'),
    (10, 'DRN-010', 'Complete Drones', 2975000, 6, 'Atlas Lidar Surveyor',
     'Laser scanner, camera and inertial unit calibrated as one. Flight time 50 minutes, range 15 km, 45MP sensor; gives point clouds accurate to three centimetres.'),
    (11, 'DRN-011', 'Complete Drones', 3990000, 4, 'Atlas Tethered Watch',
     'Powered through its cable, it stays up for a day as an eye or a radio mast. Flight time 1440 minutes, 4K camera, payload 5.5 kg, 900 Wh reserve for a safe landing.'),
    (12, 'SKY-001', 'Racing Drones', 17900, 250, 'Sparrow 3 Whoop',
     'Ducted 3 inch trainer for gyms and gardens that forgives every wall. Flight time 7 minutes, 4S 650 mAh battery, range 1 km, spare propellers in the box.'),
    (13, 'SKY-002', 'Racing Drones', 38900, 180, 'Swift 5 Racer',
     'Bind-and-fly 5 inch racer, tuned and ready for the gate. 2400 KV motors, 6S 1300 mAh battery, flight time 6 minutes, digital video with range 4 km.'),
    (14, 'SKY-003', 'Racing Drones', 62950, 120, 'Swift 7 Long Range',
     'Slim 7 inch explorer for ridges and coast lines with GPS rescue. Flight time 24 minutes, range 14 km, 6S 4000 mAh lithium-ion pack, 4K camera mount.'),
    (15, 'SKY-004', 'Camera Drones', 34995, 180, 'Lark Travel Cam',
     'Pocket camera below 250 grams that starts from the palm. Flight time 31 minutes, 4K camera on three axes, 12MP sensor, range 6 km.'),
    (16, 'SKY-005', 'Camera Drones', 129900, 110, 'Lark Creator',
     'For people who film alone: follows, circles and lands by itself. Flight time 39 minutes, 5K camera with a 48MP sensor, range 10 km, two 5000 mAh packs.'),
    (17, 'SKY-006', 'Camera Drones', 350000, 60, 'Heron Cinema',
     'Interchangeable lenses and raw recording in a case that goes as cabin luggage. Flight time 28 minutes, 8K camera, 44MP sensor, range 12 km.'),
    (18, 'SKY-007', 'Industrial Drones', 720000, 70, 'Badger Confined Space',
     'Caged inspector for tanks, sewers and boilers that rolls along walls. Flight time 14 minutes, 4K camera, 16000 lumen light, 6S 4300 mAh pack, works without GPS.'),
    (19, 'SKY-008', 'Industrial Drones', 895000, 58, 'Mason Facade Scanner',
     'Keeps its distance to the wall to the centimetre and photographs every brick. Flight time 33 minutes, 61MP sensor, range 5 km, crack reports within the hour.'),
    (20, 'SKY-009', 'Industrial Drones', 1100000, 50, 'Mason Heavy Lift',
     'Coaxial octocopter for tools and cable pulling. Payload 12 kg, flight time 26 minutes, range 6 km, 12S 22000 mAh pack, parachute fitted as standard.'),
    (21, 'HEX-001', 'Industrial Drones', 2800000, 8, 'Titan Hexa 25',
     'Long-arm hexacopter for sensors that others cannot carry. Payload 25 kg, flight time 48 minutes, range 20 km, twin 12S 30000 mAh packs, wind limit 15 m/s.'),
    (22, 'TAC-001', 'Pro Drones', 1250000, 15, 'Raven Field Unit',
     'Backpack scout for fire brigades and police with encrypted link. Flight time 52 minutes, range 15 km, 4K camera and thermal core, 30x zoom, silent propellers.'),
    (23, 'PLD-001', 'Payloads', 950000, 22, 'Multispectral Crop Sensor',
     'Five bands and a sunlight sensor show which rows are thirsty before the eye can. Payload 0.6 kg, 12MP sensor per band, 4 cm ground sample at 60 metres.'),
    (24, 'CAM-001', 'Cameras & Gimbals', 1290000, 12, 'Full Frame Mapper 61',
     'Metric camera with a calibrated 35 mm lens and a leaf shutter rated for 500000 releases. 61MP sensor, payload 0.75 kg, geotags to one millisecond.'),
    (25, 'CAM-002', 'Cameras & Gimbals', 5200000, 3, 'Spectra Hyperspectral Imager',
     'Push-broom imager of 270 bands from 400 to 1000 nanometres for minerals, plants and spills. Payload 1.9 kg with its inertial unit, 240 Wh supply for four hours.'),
    (26, 'GMB-001', 'Cameras & Gimbals', 315000, 20, 'Steady 3 Gimbal',
     'Three brushless axes hold cameras to a hundredth of a degree. Payload 1.5 kg, quick release, 4S 1800 mAh buffer battery; mounts below and above the frame.'),
    (27, 'GMB-002', 'Cameras & Gimbals', 685000, 14, 'Steady Dual Zoom',
     'Gimbal with a 30x optical 4K camera and a laser range finder to 1.2 km. Weighs 880 grams, tracks a moving vehicle by itself and streams both views.'),
    (28, 'FRM-001', 'Frames', 8999, 200, 'Carbon 5 Race Frame',
     'True-X frame of 5 mm carbon with arms that change in two minutes. Weighs 112 grams bare; takes 30 mm stacks, 22 mm cameras and any 5 inch propeller.'),
    (29, 'FRM-002', 'Frames', 32900, 90, 'Carbon 7 Endurance Frame',
     'Stretched 7 inch frame for slow and far flights with a battery tray for 8000 mAh packs. Weighs 265 grams, payload 0.9 kg, isolated camera plate.'),
    (30, 'FRM-003', 'Frames', 189900, 24, 'Hexa 900 Work Frame',
     'Folding six-arm frame with 900 mm wheelbase and retracting legs. Payload 6.5 kg, tool-free arms, wiring for 6S and 12S; ships with power board and mast.'),
    (31, 'FRM-004', 'Frames', 899900, 8, 'Octo 1600 Lift Frame',
     'Eight arms of woven tube for heavy work, folded to the size of a suitcase. Wheelbase 1600 mm, payload 22 kg, quick locks that show red until they are shut.'),
    (32, 'MOT-001', 'Motors & ESCs', 6999, 180, 'Volt 2306 Race Motor',
     'Brushless 2306 motor with 1950 KV for 6S racers, bell machined from one piece. Peaks at 850 W, weighs 33 grams; sold singly with screws and a spare circlip.'),
    (33, 'MOT-002', 'Motors & ESCs', 27900, 90, 'Volt 8115 Lift Motor',
     'Slow and strong: a 100 KV motor for 28 inch propellers on 12S. Lifts 9.8 kg at full throttle, sealed bearings, temperature sensor on the windings.'),
    (34, 'ESC-001', 'Motors & ESCs', 11900, 150, 'Current 60 Four-in-One',
     'Four controllers on one 30 mm board for 3S to 6S. Holds 60 A per motor, reports current and revolutions, survives 80 A for ten seconds on cool air.'),
    (35, 'ESC-002', 'Motors & ESCs', 21900, 110, 'Current 120 Industrial',
     'Single controller for 6S to 14S in a finned housing with redundant signal wires. Holds 120 A, logs every fault with its time and is potted against dew.'),
    (36, 'FLC-001', 'Flight Controllers', 32900, 75, 'Pilot H7 Core',
     'Open-source autopilot with a 480 MHz processor and three inertial units on a damped and heated island. Two CAN buses, eight outputs, dual GPS inputs.'),
    (37, 'FLC-002', 'Flight Controllers', 42900, 60, 'Pilot H7 Vision',
     'Autopilot with a companion computer for optical flow and obstacle stops. Reads four cameras, plans paths on board and keeps position indoors without GPS.'),
    (38, 'FLC-003', 'Flight Controllers', 54900, 45, 'Pilot Redundant Trio',
     'Three autopilots vote on every command, so that no single fault reaches the motors. Separate supplies, 16 outputs, black box with 32 GB for a year of flights.'),
    (39, 'BAT-001', 'Batteries', 17999, 250, 'Cell 6S 5200',
     'Smart battery for survey quadcopters, 6S 5200 mAh with 115 Wh. Shows charge and cycle count, heats itself in the cold and discharges for storage after ten days.'),
    (40, 'BAT-002', 'Batteries', 34900, 140, 'Cell 6S 12000',
     'High-density pack for endurance frames, 6S 12000 mAh with 266 Wh. Anti-spark plug, hard case against punctures, rated for 400 cycles at 80 percent depth.'),
    (41, 'BAT-003', 'Batteries', 54900, 75, 'Cell 12S 16000',
     'Pack for sprayers and lifters, 12S 16000 mAh with 710 Wh. Charges in 15 minutes on the water-cooled dock, sealed to IP54, telemetry over CAN.'),
    (42, 'BAT-004', 'Batteries', 79900, 30, 'Cell 14S 30000',
     'Largest pack of the house, 14S 30000 mAh with 1554 Wh for full tanks and long lifts. Two handles, status display, fuse and isolation monitor inside.'),
    (43, 'PRP-001', 'Propellers', 2999, 500, 'Blade 5 Race Set',
     'Eight three-blade propellers of 5 inch in tough polycarbonate, four for each sense of rotation. Balanced in pairs, bend before they break, four colours.'),
    (44, 'PRP-002', 'Propellers', 8900, 260, 'Blade 15 Low Noise Pair',
     'Pair of 15 inch carbon propellers whose swept tips take away half the noise that is heard on the ground. Weighs 34 grams each, for 6S survey drones.'),
    (45, 'PRP-003', 'Propellers', 15900, 120, 'Blade 28 Folding Pair',
     'Folding 28 inch carbon pair for lifters with brass bushings and hubs marked by side. Lifts 9.5 kg per motor; stiff enough for 3600 revolutions a minute.'),
    (46, 'FPV-001', 'FPV Gear', 6999, 100, 'Lens Analog FPV Kit',
     'First-flight kit with a 1200-line camera, transmitter and two antennas on 40 channels. Range 2 km at 600 mW, weighs 14 grams, works with every receiver.'),
    (47, 'FPV-002', 'FPV Gear', 64900, 55, 'Lens Digital Air Unit',
     'Digital video with 28 milliseconds from lens to eye and recording on board. 4K camera, range 10 km, 155 degree view, two antennas, 3S to 6S supply.'),
    (48, 'FPV-003', 'FPV Gear', 189900, 22, 'Lens Pro Goggles',
     'Goggles with two OLED screens at 100 Hz, adjustable lenses and a fan against fog. 2S 2600 mAh pack for 180 minutes of viewing, records at full rate.'),
    (49, 'ACC-001', 'Accessories', 24900, 160, 'Field Charger Quad',
     'Charges four packs at once from mains or car, 1000 W in total. Knows 3S to 6S, balances to 5 mV and finishes a 5200 mAh pack in 40 minutes.'),
    (50, 'ACC-002', 'Accessories', 18900, 210, 'Hard Case Survey',
     'Waterproof case with laser-cut foam for a quadcopter, six batteries, remote and tablet. Rolls, stacks and floats; weighs 6.4 kg empty, fits a car boot.'),
    (51, 'ACC-003', 'Accessories', 7900, 320, 'Landing Pad 110',
     'Two-sided pad of 110 cm with reflective rim and pegs keeps dust away from lenses. Folds to 40 cm, weighs 1.1 kg with its bag, washable.'),
    (52, 'ACC-004', 'Accessories', 289000, 26, 'RTK Base Station',
     'Brings positions to two centimetres within 10 km. Four constellations, 7.2 V 6800 mAh pack for 15 hours, tripod and case included, IP67 against rain.'),
    (53, 'SKY-010', 'Accessories', 1995, 500, 'Propeller Guard Set',
     'Four clip-on guards that keep blades and fingers apart while learning. Weighs 68 grams in all; costs about two minutes of flight time, saves many propellers.'),
    (54, 'SKY-011', 'Accessories', 5990, 420, 'ND Filter Set',
     'Six grey filters from ND4 to ND64 on magnetic rings, so that a 4K camera keeps a calm shutter in bright sun. Coated glass, 1.2 grams each, in a steel tin.'),
    (55, 'SKY-012', 'Accessories', 12900, 300, 'Remote Identification Beacon',
     'Broadcasts identity and position as the law asks, on any aircraft. Weighs 14 grams, 400 mAh battery for eight hours, range 3 km, set up by phone.'),
    (56, 'GCS-001', 'Accessories', 1800000, 10, 'Ground Control Station',
     'Two bright screens, sticks and radio in a case that opens to a desk. Controls four aircraft, range 30 km with the mast antenna, 290 Wh battery for six hours.')
)
INSERT INTO products (id, name, sku, description, price, stock, category, image_url, created_at,
                      updated_at)
SELECT id, name, sku, description, price, stock, category,
       '/static/img/products/' || replace(lower(sku), '-', '_') || '.jpg',
       now - (200 - id) * 86400000000, now - (200 - id) * 86400000000
  FROM item, clock
 WHERE true
    ON CONFLICT DO NOTHING;

WITH clock (now) AS (
    SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000
), item (id, sku, category, price, name, description) AS (VALUES
    (1, 'SRV-001', 'Maintenance', 250000, 'Annual Fleet Maintenance',
     'Two inspections a year for up to five aircraft: bearings, wiring, firmware, a test flight and a signed log for the insurer.'),
    (2, 'SRV-002', 'Maintenance', 30000, 'Single Aircraft Check',
     'One aircraft looked over from propeller to plug within three working days, worn parts replaced at cost.'),
    (3, 'SRV-003', 'Calibration', 85000, 'Sensor Calibration',
     'Cameras, thermal cores and inertial units measured against our reference field, with a certificate valid for one year.'),
    (4, 'SRV-004', 'Training', 450000, 'Pilot Training, Five Days',
     'Theory, simulator and supervised flights for two people, up to the licence for flights beyond line of sight.')
)
INSERT INTO services (id, name, sku, description, price, category, created_at)
SELECT id, name, sku, description, price, category, now - (190 - id) * 86400000000
  FROM item, clock
 WHERE true
    ON CONFLICT DO NOTHING;

-- The one use of FIRSTFLIGHT is the third of the orders in the next script.
WITH clock (now) AS (
    SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000
), item (id, code, discount_percent, discount_amount, is_active, max_uses, used_count) AS (VALUES
    (1, 'FIRSTFLIGHT', 1000, 0, 1, 1000, 1),
    (2, 'FLEETDEAL', 1500, 0, 1, 200, 0),
    (3, 'FREESHIP', 0, 4999, 1, 100, 0),
    (4, 'GOVPILOT', 2000, 0, 1, 50, 0),
    (5, 'SUMMER2024', 1200, 0, 0, 0, 0)
)
INSERT INTO coupons (id, code, discount_percent, discount_amount, is_active, max_uses, used_count,
                     created_at)
SELECT id, code, discount_percent, discount_amount, is_active, max_uses, used_count,
       now - (120 - id) * 86400000000
  FROM item, clock
 WHERE true
    ON CONFLICT DO NOTHING;

WITH clock (now) AS (
    SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000
), item (id, name, region, address, capacity, current_stock) AS (VALUES
    (1, 'Atlantic Hub', 'us-east-1', '1200 Harbor Way, Norfolk, VA 23510, USA', 12000, 7450),
    (2, 'Rhine-Main Hub', 'eu-central-1', 'Hafenstrasse 41, 60327 Frankfurt am Main, Germany', 15000,
     9820),
    (3, 'Straits Hub', 'ap-southeast-1', '8 Pioneer Crescent, Singapore 628554', 8000, 4310),
    (4, 'Cascade Hub', 'us-west-2', '455 Marine Drive, Portland, OR 97217, USA', 10000, 5205)
)
INSERT INTO warehouses (id, name, region, address, capacity, current_stock, created_at)
SELECT id, name, region, address, capacity, current_stock, now - (180 - id) * 86400000000
  FROM item, clock
 WHERE true
    ON CONFLICT DO NOTHING;

WITH clock (now) AS (
    SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000
), item (id, name, address, coordinates, contact_email, contact_phone) AS (VALUES
    (1, 'Drone Shop Frankfurt', 'Mainzer Landstrasse 180, 60327 Frankfurt am Main, Germany',
     '50.1062,8.6480', 'frankfurt@dealers.example.com', '+49 69 5550 0101'),
    (2, 'Drone Shop Norfolk', '88 Granby Street, Norfolk, VA 23510, USA', '36.8467,-76.2914',
     'norfolk@dealers.example.com', '+1 202 555 0112'),
    (3, 'Drone Shop Singapore', '21 Ubi Road, Singapore 408620', '1.3272,103.8915',
     'singapore@dealers.example.com', '+65 5550 0123')
)
INSERT INTO shops (id, name, address, coordinates, contact_email, contact_phone, created_at)
SELECT id, name, address, coordinates, contact_email, contact_phone,
       now - (180 - id) * 86400000000
  FROM item, clock
 WHERE true
    ON CONFLICT DO NOTHING;

-- postgres:
-- The same rows; money in dollars, percentages as such.

WITH item (id, sku, category, price, stock, name, description) AS (VALUES
    (1, 'DRN-001', 'Complete Drones', 1899.00, 60, 'Kestrel Mini Survey',
     'Folding quadcopter for roof and site checks. Flight time 34 minutes, 4K camera with a 20MP sensor, range 8 km and 3S 3500 mAh packs; fits into a shoulder bag.'),
    (2, 'DRN-002', 'Complete Drones', 3499.00, 42, 'Kestrel Pro Mapper',
     'Survey quadcopter with RTK positioning and a mechanical shutter. Flight time 42 minutes, 5K camera, 24MP sensor, range 12 km; maps 80 hectares on one 6S 5200 mAh battery.'),
    (3, 'DRN-003', 'Complete Drones', 5250.00, 35, 'Harrier Inspect',
     'Close-range inspector with obstacle sensing on all sides and a 30x zoom. Flight time 38 minutes, 4K camera, range 10 km, rain-proof to IP45 for work on masts and bridges.'),
    (4, 'DRN-004', 'Complete Drones', 6790.00, 28, 'Harrier Thermal',
     'Two lenses, one look: a 640-pixel thermal core beside a 4K camera. Flight time 36 minutes, range 10 km; finds hot joints on solar fields and people in the dark.'),
    (5, 'DRN-005', 'Complete Drones', 8940.00, 22, 'Osprey Search',
     'Search platform with spotlight, loudspeaker and thermal camera. Flight time 45 minutes, range 15 km, payload 1.2 kg; takes off within 90 seconds of opening the case.'),
    (6, 'DRN-006', 'Complete Drones', 11490.00, 18, 'Condor Agri 10',
     'Sprayer for small and steep fields with a 10 litre tank. Payload 10 kg, flight time 18 minutes, 12S 16000 mAh pack, radar terrain following for an even crop coat.'),
    (7, 'DRN-007', 'Complete Drones', 15990.00, 14, 'Condor Agri 30',
     'Sprayer and spreader for large farms with quick-swap tanks. Payload 30 kg, flight time 22 minutes, 14S 30000 mAh pack; treats 16 hectares an hour.'),
    (8, 'DRN-008', 'Complete Drones', 18500.00, 12, 'Albatross VTOL',
     'Fixed wing that rises like a helicopter and surveys like an aeroplane. Flight time 120 minutes, range 60 km, 61MP sensor for corridor mapping in one flight.'),
    (9, 'DRN-009', 'Complete Drones', 22900.00, 9, 'Atlas Cargo 15',
     'Delivery hexacopter with winch and drop detection. Payload 15 kg, range 18 km, flight time 40 minutes; lands on a door-sized pad and survives the loss of a motor.'),
    (10, 'DRN-010', 'Complete Drones', 29750.00, 6, 'Atlas Lidar Surveyor',
     'Laser scanner, camera and inertial unit calibrated as one. Flight time 50 minutes, range 15 km, 45MP sensor; gives point clouds accurate to three centimetres.'),
    (11, 'DRN-011', 'Complete Drones', 39900.00, 4, 'Atlas Tethered Watch',
     'Powered through its cable, it stays up for a day as an eye or a radio mast. Flight time 1440 minutes, 4K camera, payload 5.5 kg, 900 Wh reserve for a safe landing.'),
    (12, 'SKY-001', 'Racing Drones', 179.00, 250, 'Sparrow 3 Whoop',
     'Ducted 3 inch trainer for gyms and gardens that forgives every wall. Flight time 7 minutes, 4S 650 mAh battery, range 1 km, spare propellers in the box.'),
    (13, 'SKY-002', 'Racing Drones', 389.00, 180, 'Swift 5 Racer',
     'Bind-and-fly 5 inch racer, tuned and ready for the gate. 2400 KV motors, 6S 1300 mAh battery, flight time 6 minutes, digital video with range 4 km.'),
    (14, 'SKY-003', 'Racing Drones', 629.50, 120, 'Swift 7 Long Range',
     'Slim 7 inch explorer for ridges and coast lines with GPS rescue. Flight time 24 minutes, range 14 km, 6S 4000 mAh lithium-ion pack, 4K camera mount.'),
    (15, 'SKY-004', 'Camera Drones', 349.95, 180, 'Lark Travel Cam',
     'Pocket camera below 250 grams that starts from the palm. Flight time 31 minutes, 4K camera on three axes, 12MP sensor, range 6 km.'),
    (16, 'SKY-005', 'Camera Drones', 1299.00, 110, 'Lark Creator',
     'For people who film alone: follows, circles and lands by itself. Flight time 39 minutes, 5K camera with a 48MP sensor, range 10 km, two 5000 mAh packs.'),
    (17, 'SKY-006', 'Camera Drones', 3500.00, 60, 'Heron Cinema',
     'Interchangeable lenses and raw recording in a case that goes as cabin luggage. Flight time 28 minutes, 8K camera, 44MP sensor, range 12 km.'),
    (18, 'SKY-007', 'Industrial Drones', 7200.00, 70, 'Badger Confined Space',
     'Caged inspector for tanks, sewers and boilers that rolls along walls. Flight time 14 minutes, 4K camera, 16000 lumen light, 6S 4300 mAh pack, works without GPS.'),
    (19, 'SKY-008', 'Industrial Drones', 8950.00, 58, 'Mason Facade Scanner',
     'Keeps its distance to the wall to the centimetre and photographs every brick. Flight time 33 minutes, 61MP sensor, range 5 km, crack reports within the hour.'),
    (20, 'SKY-009', 'Industrial Drones', 11000.00, 50, 'Mason Heavy Lift',
     'Coaxial octocopter for tools and cable pulling. Payload 12 kg, flight time 26 minutes, range 6 km, 12S 22000 mAh pack, parachute fitted as standard.'),
    (21, 'HEX-001', 'Industrial Drones', 28000.00, 8, 'Titan Hexa 25',
     'Long-arm hexacopter for sensors that others cannot carry. Payload 25 kg, flight time 48 minutes, range 20 km, twin 12S 30000 mAh packs, wind limit 15 m/s.'),
    (22, 'TAC-001', 'Pro Drones', 12500.00, 15, 'Raven Field Unit',
     'Backpack scout for fire brigades and police with encrypted link. Flight time 52 minutes, range 15 km, 4K camera and thermal core, 30x zoom, silent propellers.'),
    (23, 'PLD-001', 'Payloads', 9500.00, 22, 'Multispectral Crop Sensor',
     'Five bands and a sunlight sensor show which rows are thirsty before the eye can. Payload 0.6 kg, 12MP sensor per band, 4 cm ground sample at 60 metres.'),
    (24, 'CAM-001', 'Cameras & Gimbals', 12900.00, 12, 'Full Frame Mapper 61',
     'Metric camera with a calibrated 35 mm lens and a leaf shutter rated for 500000 releases. 61MP sensor, payload 0.75 kg, geotags to one millisecond.'),
    (25, 'CAM-002', 'Cameras & Gimbals', 52000.00, 3, 'Spectra Hyperspectral Imager',
     'Push-broom imager of 270 bands from 400 to 1000 nanometres for minerals, plants and spills. Payload 1.9 kg with its inertial unit, 240 Wh supply for four hours.'),
    (26, 'GMB-001', 'Cameras & Gimbals', 3150.00, 20, 'Steady 3 Gimbal',
     'Three brushless axes hold cameras to a hundredth of a degree. Payload 1.5 kg, quick release, 4S 1800 mAh buffer battery; mounts below and above the frame.'),
    (27, 'GMB-002', 'Cameras & Gimbals', 6850.00, 14, 'Steady Dual Zoom',
     'Gimbal with a 30x optical 4K camera and a laser range finder to 1.2 km. Weighs 880 grams, tracks a moving vehicle by itself and streams both views.'),
    (28, 'FRM-001', 'Frames', 89.99, 200, 'Carbon 5 Race Frame',
     'True-X frame of 5 mm carbon with arms that change in two minutes. Weighs 112 grams bare; takes 30 mm stacks, 22 mm cameras and any 5 inch propeller.'),
    (29, 'FRM-002', 'Frames', 329.00, 90, 'Carbon 7 Endurance Frame',
     'Stretched 7 inch frame for slow and far flights with a battery tray for 8000 mAh packs. Weighs 265 grams, payload 0.9 kg, isolated camera plate.'),
    (30, 'FRM-003', 'Frames', 1899.00, 24, 'Hexa 900 Work Frame',
     'Folding six-arm frame with 900 mm wheelbase and retracting legs. Payload 6.5 kg, tool-free arms, wiring for 6S and 12S; ships with power board and mast.'),
    (31, 'FRM-004', 'Frames', 8999.00, 8, 'Octo 1600 Lift Frame',
     'Eight arms of woven tube for heavy work, folded to the size of a suitcase. Wheelbase 1600 mm, payload 22 kg, quick locks that show red until they are shut.'),
    (32, 'MOT-001', 'Motors & ESCs', 69.99, 180, 'Volt 2306 Race Motor',
     'Brushless 2306 motor with 1950 KV for 6S racers, bell machined from one piece. Peaks at 850 W, weighs 33 grams; sold singly with screws and a spare circlip.'),
    (33, 'MOT-002', 'Motors & ESCs', 279.00, 90, 'Volt 8115 Lift Motor',
     'Slow and strong: a 100 KV motor for 28 inch propellers on 12S. Lifts 9.8 kg at full throttle, sealed bearings, temperature sensor on the windings.'),
    (34, 'ESC-001', 'Motors & ESCs', 119.00, 150, 'Current 60 Four-in-One',
     'Four controllers on one 30 mm board for 3S to 6S. Holds 60 A per motor, reports current and revolutions, survives 80 A for ten seconds on cool air.'),
    (35, 'ESC-002', 'Motors & ESCs', 219.00, 110, 'Current 120 Industrial',
     'Single controller for 6S to 14S in a finned housing with redundant signal wires. Holds 120 A, logs every fault with its time and is potted against dew.'),
    (36, 'FLC-001', 'Flight Controllers', 329.00, 75, 'Pilot H7 Core',
     'Open-source autopilot with a 480 MHz processor and three inertial units on a damped and heated island. Two CAN buses, eight outputs, dual GPS inputs.'),
    (37, 'FLC-002', 'Flight Controllers', 429.00, 60, 'Pilot H7 Vision',
     'Autopilot with a companion computer for optical flow and obstacle stops. Reads four cameras, plans paths on board and keeps position indoors without GPS.'),
    (38, 'FLC-003', 'Flight Controllers', 549.00, 45, 'Pilot Redundant Trio',
     'Three autopilots vote on every command, so that no single fault reaches the motors. Separate supplies, 16 outputs, black box with 32 GB for a year of flights.'),
    (39, 'BAT-001', 'Batteries', 179.99, 250, 'Cell 6S 5200',
     'Smart battery for survey quadcopters, 6S 5200 mAh with 115 Wh. Shows charge and cycle count, heats itself in the cold and discharges for storage after ten days.'),
    (40, 'BAT-002', 'Batteries', 349.00, 140, 'Cell 6S 12000',
     'High-density pack for endurance frames, 6S 12000 mAh with 266 Wh. Anti-spark plug, hard case against punctures, rated for 400 cycles at 80 percent depth.'),
    (41, 'BAT-003', 'Batteries', 549.00, 75, 'Cell 12S 16000',
     'Pack for sprayers and lifters, 12S 16000 mAh with 710 Wh. Charges in 15 minutes on the water-cooled dock, sealed to IP54, telemetry over CAN.'),
    (42, 'BAT-004', 'Batteries', 799.00, 30, 'Cell 14S 30000',
     'Largest pack of the house, 14S 30000 mAh with 1554 Wh for full tanks and long lifts. Two handles, status display, fuse and isolation monitor inside.'),
    (43, 'PRP-001', 'Propellers', 29.99, 500, 'Blade 5 Race Set',
     'Eight three-blade propellers of 5 inch in tough polycarbonate, four for each sense of rotation. Balanced in pairs, bend before they break, four colours.'),
    (44, 'PRP-002', 'Propellers', 89.00, 260, 'Blade 15 Low Noise Pair',
     'Pair of 15 inch carbon propellers whose swept tips take away half the noise that is heard on the ground. Weighs 34 grams each, for 6S survey drones.'),
    (45, 'PRP-003', 'Propellers', 159.00, 120, 'Blade 28 Folding Pair',
     'Folding 28 inch carbon pair for lifters with brass bushings and hubs marked by side. Lifts 9.5 kg per motor; stiff enough for 3600 revolutions a minute.'),
    (46, 'FPV-001', 'FPV Gear', 69.99, 100, 'Lens Analog FPV Kit',
     'First-flight kit with a 1200-line camera, transmitter and two antennas on 40 channels. Range 2 km at 600 mW, weighs 14 grams, works with every receiver.'),
    (47, 'FPV-002', 'FPV Gear', 649.00, 55, 'Lens Digital Air Unit',
     'Digital video with 28 milliseconds from lens to eye and recording on board. 4K camera, range 10 km, 155 degree view, two antennas, 3S to 6S supply.'),
    (48, 'FPV-003', 'FPV Gear', 1899.00, 22, 'Lens Pro Goggles',
     'Goggles with two OLED screens at 100 Hz, adjustable lenses and a fan against fog. 2S 2600 mAh pack for 180 minutes of viewing, records at full rate.'),
    (49, 'ACC-001', 'Accessories', 249.00, 160, 'Field Charger Quad',
     'Charges four packs at once from mains or car, 1000 W in total. Knows 3S to 6S, balances to 5 mV and finishes a 5200 mAh pack in 40 minutes.'),
    (50, 'ACC-002', 'Accessories', 189.00, 210, 'Hard Case Survey',
     'Waterproof case with laser-cut foam for a quadcopter, six batteries, remote and tablet. Rolls, stacks and floats; weighs 6.4 kg empty, fits a car boot.'),
    (51, 'ACC-003', 'Accessories', 79.00, 320, 'Landing Pad 110',
     'Two-sided pad of 110 cm with reflective rim and pegs keeps dust away from lenses. Folds to 40 cm, weighs 1.1 kg with its bag, washable.'),
    (52, 'ACC-004', 'Accessories', 2890.00, 26, 'RTK Base Station',
     'Brings positions to two centimetres within 10 km. Four constellations, 7.2 V 6800 mAh pack for 15 hours, tripod and case included, IP67 against rain.'),
    (53, 'SKY-010', 'Accessories', 19.95, 500, 'Propeller Guard Set',
     'Four clip-on guards that keep blades and fingers apart while learning. Weighs 68 grams in all; costs about two minutes of flight time, saves many propellers.'),
    (54, 'SKY-011', 'Accessories', 59.90, 420, 'ND Filter Set',
     'Six grey filters from ND4 to ND64 on magnetic rings, so that a 4K camera keeps a calm shutter in bright sun. Coated glass, 1.2 grams each, in a steel tin.'),
    (55, 'SKY-012', 'Accessories', 129.00, 300, 'Remote Identification Beacon',
     'Broadcasts identity and position as the law asks, on any aircraft. Weighs 14 grams, 400 mAh battery for eight hours, range 3 km, set up by phone.'),
    (56, 'GCS-001', 'Accessories', 18000.00, 10, 'Ground Control Station',
     'Two bright screens, sticks and radio in a case that opens to a desk. Controls four aircraft, range 30 km with the mast antenna, 290 Wh battery for six hours.')
)
INSERT INTO products (id, name, sku, description, price, stock, category, image_url, created_at,
                      updated_at)
SELECT id, name, sku, description, price, stock, category,
       '/static/img/products/' || replace(lower(sku), '-', '_') || '.jpg',
       now() - (200 - id) * interval '24 hours', now() - (200 - id) * interval '24 hours'
  FROM item
    ON CONFLICT DO NOTHING;

WITH item (id, sku, category, price, name, description) AS (VALUES
    (1, 'SRV-001', 'Maintenance', 2500.00, 'Annual Fleet Maintenance',
     'Two inspections a year for up to five aircraft: bearings, wiring, firmware, a test flight and a signed log for the insurer.'),
    (2, 'SRV-002', 'Maintenance', 300.00, 'Single Aircraft Check',
     'One aircraft looked over from propeller to plug within three working days, worn parts replaced at cost.'),
    (3, 'SRV-003', 'Calibration', 850.00, 'Sensor Calibration',
     'Cameras, thermal cores and inertial units measured against our reference field, with a certificate valid for one year.'),
    (4, 'SRV-004', 'Training', 4500.00, 'Pilot Training, Five Days',
     'Theory, simulator and supervised flights for two people, up to the licence for flights beyond line of sight.')
)
INSERT INTO services (id, name, sku, description, price, category, created_at)
SELECT id, name, sku, description, price, category, now() - (190 - id) * interval '24 hours'
  FROM item
    ON CONFLICT DO NOTHING;

WITH item (id, code, discount_percent, discount_amount, is_active, max_uses, used_count) AS (VALUES
    (1, 'FIRSTFLIGHT', 10.00, 0.00, 1, 1000, 1),
    (2, 'FLEETDEAL', 15.00, 0.00, 1, 200, 0),
    (3, 'FREESHIP', 0.00, 49.99, 1, 100, 0),
    (4, 'GOVPILOT', 20.00, 0.00, 1, 50, 0),
    (5, 'SUMMER2024', 12.00, 0.00, 0, 0, 0)
)
INSERT INTO coupons (id, code, discount_percent, discount_amount, is_active, max_uses, used_count,
                     created_at)
SELECT id, code, discount_percent, discount_amount, is_active, max_uses, used_count,
       now() - (120 - id) * interval '24 hours'
  FROM item
    ON CONFLICT DO NOTHING;

WITH item (id, name, region, address, capacity, current_stock) AS (VALUES
    (1, 'Atlantic Hub', 'us-east-1', '1200 Harbor Way, Norfolk, VA 23510, USA', 12000, 7450),
    (2, 'Rhine-Main Hub', 'eu-central-1', 'Hafenstrasse 41, 60327 Frankfurt am Main, Germany',
     15000,
     9820),
    (3, 'Straits Hub', 'ap-southeast-1', '8 Pioneer Crescent, Singapore 628554', 8000, 4310),
    (4, 'Cascade Hub', 'us-west-2', '455 Marine Drive, Portland, OR 97217, USA', 10000, 5205)
)
INSERT INTO warehouses (id, name, region, address, capacity, current_stock, created_at)
SELECT id, name, region, address, capacity, current_stock, now() - (180 - id) * interval '24 hours'
  FROM item
    ON CONFLICT DO NOTHING;

WITH item (id, name, address, coordinates, contact_email, contact_phone) AS (VALUES
    (1, 'Drone Shop Frankfurt', 'Mainzer Landstrasse 180, 60327 Frankfurt am Main, Germany',
     '50.1062,8.6480', 'frankfurt@dealers.example.com', '+49 69 5550 0101'),
    (2, 'Drone Shop Norfolk', '88 Granby Street, Norfolk, VA 23510, USA', '36.8467,-76.2914',
     'norfolk@dealers.example.com', '+1 202 555 0112'),
    (3, 'Drone Shop Singapore', '21 Ubi Road, Singapore 408620', '1.3272,103.8915',
     'singapore@dealers.example.com', '+65 5550 0123')
)
INSERT INTO shops (id, name, address, coordinates, contact_email, contact_phone, created_at)
SELECT id, name, address, coordinates, contact_email, contact_phone,
       now() - (180 - id) * interval '24 hours'
  FROM item
    ON CONFLICT DO NOTHING;

-- Ids go on after those given here.
SELECT setval('products_id_seq', (SELECT max(id) FROM products)),
       setval('services_id_seq', (SELECT max(id) FROM services)),
       setval('coupons_id_seq', (SELECT max(id) FROM coupons)),
       setval('warehouses_id_seq', (SELECT max(id) FROM warehouses)),
       setval('shops_id_seq', (SELECT max(id) FROM shops));
