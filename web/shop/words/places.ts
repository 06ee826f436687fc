/* The texts of the shop: places. */
export const PLACES = {
  services: "Services",
  keptFlying: "Kept flying",
  servicesByThePeopleWho: "Services by the people who build them.",
  askWhichOne: "Ask which one",
  theServicesCouldNotBe: "The services could not be loaded",
  noServiceIsOfferedNow: "No service is offered now",
  allServices: "All services",
  dealers: "Dealers",
  tryOneNearYou: "Try one near you",
  dealersShowRepairAndTake: "Dealers show, repair and take orders.",
  theDealersCouldNotBe: "The dealers could not be loaded",
  noDealerIsListedNow: "No dealer is listed now",
  allDealers: "All dealers",
};
