export { default } from "../documents/layout";
