/* Keys for what is sent: the same as long as the same is sent, so that trying again does it once. */
import { useRef } from "react";

import { newKey } from "./api";

export function useSendKey(): (body: unknown) => string {
  const last = useRef({ text: "", key: "" });
  return (body) => {
    const text = JSON.stringify(body ?? null);
    if (last.current.text !== text) {
      last.current = { text, key: newKey() };
    }
    return last.current.key;
  };
}
