// Draws a new part point by point: a click sets a point, and so does a key at the middle of the map.

// `act`: show(positions), changed(positions), done(positions, { pocket }), left().
export function openSketch(map, act) {
  let positions = null;

  function add([lon, lat]) {
    if (!positions) return;
    positions = [...positions, [lon, lat]];
    act.show(positions);
    act.changed(positions);
  }

  function onClick({ latlng: { lat, lng } }) {
    add([lng, lat]);
  }

  function onKeyDown(event) {
    if (!positions) return;
    const isOnMap = event.target === map.getContainer();
    if (event.key === "Escape") stop();
    else if (event.key === "Enter" && isOnMap) addMiddle();
    else if (event.key === "Backspace" && isOnMap) takeBack();
    else return;
    event.preventDefault();
  }

  function addMiddle() {
    const { lat, lng } = map.getCenter();
    add([lng, lat]);
  }

  function takeBack() {
    positions = positions.slice(0, -1);
    act.show(positions);
    act.changed(positions);
  }

  function start() {
    positions = [];
    map.doubleClickZoom.disable();
    map.getContainer().classList.add("whatif-drawing");
    map.on("click", onClick);
    addEventListener("keydown", onKeyDown);
    act.changed(positions);
  }

  function stop() {
    if (!positions) return;
    positions = null;
    map.doubleClickZoom.enable();
    map.getContainer().classList.remove("whatif-drawing");
    map.off("click", onClick);
    removeEventListener("keydown", onKeyDown);
    act.show([]);
    act.left();
  }

  function finish({ pocket }) {
    const drawn = positions;
    stop();
    act.done(drawn, { pocket });
  }

  return { start, stop, finish, addMiddle, takeBack, isOpen: () => positions !== null };
}
