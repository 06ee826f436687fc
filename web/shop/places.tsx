/* Services and dealers. */
import { money } from "../kit/format";
import { useGet } from "../kit/load";
import { Empty, Icon, Link, PageTitle, ProblemPanel, Skeleton } from "../kit/ui";
import type { Dealer, Service } from "./data";
import { APP, Said } from "./parts";
import { PLACES } from "./words/places";

const ICONS: Record<string, string> = { Maintenance: "wrench", Training: "cap", Calibration: "aim" };

export function ServiceCards({ services }: { services: Service[] }) {
  return (
    <div className="grid g-4 stretch">
      {services.map((service) => (
        <article key={service.id} className="service">
          <Icon name={ICONS[service.category ?? ""] ?? "shield"} /><h3 dir="auto">{service.name}</h3>
          <p><Said text={service.description} /></p><p><span className="price">{money(service.price, { whole: true })}</span></p>
        </article>
      ))}
    </div>
  );
}

const CITIES = 3; // as tools/illustrate/run.mjs draws them

export function DealerCards({ dealers }: { dealers: Dealer[] }) {
  return (
    <div className="grid g-3 stretch">
      {dealers.map((dealer) => (
        <article key={dealer.id} className="p-card dealer">
          <div className="pic pic-wide"><img className="ill" src={`/assets/illustrations/city-${(dealer.id - 1) % CITIES + 1}.svg`} alt="" width="320" height="136" loading="lazy" /></div>
          <div className="txt">
            <h3 dir="auto">{dealer.name}</h3>
            <p className="line top"><Icon name="pin" /><Said text={dealer.address} /></p>
            {dealer.contact_email !== null && <p className="line"><Icon name="mail" /><a className="clip" href={`mailto:${dealer.contact_email}`}>{dealer.contact_email}</a></p>}
            {dealer.contact_phone !== null && <p className="line"><Icon name="phone" /><a href={`tel:${dealer.contact_phone.replace(/[^+\d]/g, "")}`}>{dealer.contact_phone}</a></p>}
          </div>
        </article>
      ))}
    </div>
  );
}

export function ServicesPage() {
  const { value, problem, reload } = useGet<{ services: Service[] }>("/api/services/catalog");
  return (
    <div className="shop-wrap shop-main"><div className="stack stack-5">
      <div className="page-head"><div><PageTitle tab={PLACES.services} app={APP} className="h-product">{PLACES.keptFlying}</PageTitle><p>{PLACES.servicesByThePeopleWho}</p></div>
        <Link className="btn" href="/shop/assistant"><Icon name="chat" />{PLACES.askWhichOne}</Link></div>
      {problem !== undefined ? <ProblemPanel problem={problem} what={PLACES.theServicesCouldNotBe} retry={reload} />
        : value === undefined ? <Skeleton /> : value.services.length === 0 ? <Empty title={PLACES.noServiceIsOfferedNow} /> : <><h2 className="vh">{PLACES.allServices}</h2><ServiceCards services={value.services} /></>}
    </div></div>
  );
}

export function DealersPage() {
  const { value, problem, reload } = useGet<{ shops: Dealer[] }>("/api/shop/locations");
  return (
    <div className="shop-wrap shop-main"><div className="stack stack-5">
      <div className="page-head"><div><PageTitle tab={PLACES.dealers} app={APP} className="h-product">{PLACES.tryOneNearYou}</PageTitle><p>{PLACES.dealersShowRepairAndTake}</p></div></div>
      {problem !== undefined ? <ProblemPanel problem={problem} what={PLACES.theDealersCouldNotBe} retry={reload} />
        : value === undefined ? <Skeleton /> : value.shops.length === 0 ? <Empty title={PLACES.noDealerIsListedNow} /> : <><h2 className="vh">{PLACES.allDealers}</h2><DealerCards dealers={value.shops} /></>}
    </div></div>
  );
}
